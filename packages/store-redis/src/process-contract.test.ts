import { randomUUID } from "node:crypto";
import { processContract } from "@burnrate/core/testing";
import { afterAll, describe, test } from "vitest";
import { hasRedisServer, startRedisServer } from "./testing/redis-server.ts";
import { canRunRedis, NO_SERVER } from "./testing/redis-target.ts";

const AOF = ["--appendonly", "yes", "--appendfsync", "always"];
const canRun = canRunRedis();
/** One of our own wherever there is one, because only that may be killed. */
const server = hasRedisServer() ? await startRedisServer(AOF) : undefined;
afterAll(() => server?.stop());

describe.skipIf(!canRun)(canRun ? "guards in several processes on one server" : NO_SERVER, () => {
  processContract({
    test,
    storeModule: new URL("./testing/open-store.ts", import.meta.url),
    boundMs: 3_000, // other files run beside it
    env: {
      BURNRATE_TEST_URL: server?.url ?? process.env["REDIS_URL"] ?? "",
      BURNRATE_TEST_NAMESPACE: `processes-${randomUUID()}`,
    },
    ...(server !== undefined && {
      restartStore: async (whileDown: () => Promise<void>) => {
        await server.kill();
        await whileDown();
        await server.restart();
      },
    }),
  });
});
