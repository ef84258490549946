import { processContract } from "@burnrate/core/testing";
import { afterAll, describe, test } from "vitest";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)("guards in several processes on one database", () => {
  if (server === undefined) return;
  processContract({
    test,
    storeModule: new URL("./testing/open-store.ts", import.meta.url),
    boundMs: 3_000, // other files run beside it
    env: { BURNRATE_TEST_URL: server.url, BURNRATE_TEST_SCHEMA: server.schema("processes") },
    ...(server.isOwn && {
      restartStore: async (whileDown: () => Promise<void>) => {
        await server.halt("immediate");
        await whileDown();
        await server.start();
      },
    }),
  });
});
