import { afterAll, describe, expect, it } from "vitest";
import { openStore } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)("what is no number, or too large for one", () => {
  it("is the least or the most that it can be, and no fault of the server", async () => {
    const { fleet, outbox, end } = openStore(server?.url ?? "", server?.schema("no_numbers") ?? "");
    await fleet?.beat("never", Number.NaN);
    await fleet?.beat("for ever", Number.POSITIVE_INFINITY);
    expect(await fleet?.living()).toEqual(["for ever"]);
    await fleet?.acknowledge({ killId: "k", process: "p", aborted: Number.NaN });
    expect(await fleet?.acknowledgements("k")).toEqual([{ killId: "k", process: "p", aborted: 0 }]);
    const message = (id: string, dueAtMs: number) => ({ id, topic: "t", body: "b", dueAtMs });
    await outbox?.add([message("due", Number.NaN), message("never", 1e300)]);
    expect(await outbox?.claim("t", Number.NaN, 1_000)).toEqual([]);
    const claimed = await outbox?.claim("t", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    expect(claimed?.map(({ id }) => id)).toEqual(["due"]);
    await end();
  });
});
