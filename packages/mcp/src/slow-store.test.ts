import { createMemoryStore, findGuardError, type Ledger } from "@burnrate/core";
import { describe, expect, test } from "vitest";
import { guardTransport } from "./guard-transport.ts";
import { generations } from "./testing/generations.ts";
import { thrownBy, until, watchedGuard } from "./testing/watched-guard.ts";

describe.each(generations)("$name over a guarded transport", (generation) => {
  test("a server hears of a kill before a slow store has taken the charge", async () => {
    const store = createMemoryStore();
    const answered = Promise.withResolvers<void>();
    const ledger: Ledger = {
      ...store.ledger,
      settle: async (ends) => {
        await answered.promise;
        return store.ledger.settle(ends);
      },
    };
    const { guard, records } = watchedGuard({ store: { ...store, ledger } });
    const connection = await generation.connect("memory", (transport) =>
      guardTransport(transport, guard, { costs: { hang: 1 } }),
    );
    const call = thrownBy(() => connection.callTool(connection.client, "hang"));
    await until(() => connection.seen().runs["hang"] === 1);
    void guard.kill({ tool: "hang" }, { reason: "test", by: "test", level: "abort" });
    await until(() => connection.seen().cancelled === 1);
    expect(records).toEqual([]);
    answered.resolve();
    expect(findGuardError(await call)?.code).toBe("BR1001");
    expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
  });
});
