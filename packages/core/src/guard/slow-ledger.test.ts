import { describe, expect, it } from "vitest";
import { createMemoryStore, type KillLog, type Ledger, type Store } from "../index.ts";
import { account, codeOf, model, settled, setUp, spend } from "./test-fixture.ts";

/** A store whose `reserve` answers only when it is let. */
function heldUp(): { readonly store: Store; answer(): void } {
  const { ledger, killLog } = createMemoryStore();
  const waiting: (() => void)[] = [];
  const slow: Ledger = {
    ...ledger,
    reserve: (batch) =>
      new Promise((resolve) => waiting.push(() => resolve(ledger.reserve(batch)))),
  };
  return {
    store: { ledger: slow, killLog },
    answer: () => {
      for (const go of waiting.splice(0)) go();
    },
  };
}

describe("a caller that leaves while the store decides", () => {
  it("is told at once, and the money of a late yes is given back", async () => {
    const { store, answer } = heldUp();
    const { guard } = setUp({ budgets: ["10 calls/day"], store });
    const caller = new AbortController();
    const waiting = guard.begin(model(1, 1, { signal: caller.signal }));
    await settled();
    caller.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    answer();
    await settled();
    expect(await account(guard)).toMatchObject({ held: 0, settled: 0, unknown: 0 });
  });
});

describe("a kill log that fails when a reply says that we are behind", () => {
  it("refuses the call, and gives its money back", async () => {
    const { ledger, killLog } = createMemoryStore();
    let broken = false;
    const failing: KillLog = {
      ...killLog,
      subscribe: () => () => {},
      read: async (epoch) => {
        if (broken) throw new Error("connection lost");
        return killLog.read(epoch);
      },
    };
    const { guard } = setUp({ budgets: ["10 calls/day"], store: { ledger, killLog: failing } });
    await spend(guard);
    broken = true;
    await killLog.append({ kind: "revive", id: "other", reason: "r", by: "me", atMs: 0 });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
    await settled();
    expect(await account(guard)).toMatchObject({ held: 0, settled: 1 });
    broken = false;
    expect((await spend(guard)).outcome).toBe("success");
  });
});

it("a record cannot be changed by those who listen", async () => {
  const { guard } = setUp();
  guard.on("call-settled", (record) => {
    (record as { costNanoUsd: number }).costNanoUsd = 0;
  });
  guard.on("call-settled", ({ usage }) => {
    (usage as { outputTokens: number }).outputTokens = 0;
  });
  const record = await spend(guard, model(10, 10));
  expect(record.usage.outputTokens).toBe(10);
  expect(record.costNanoUsd).toBeGreaterThan(0);
  expect(guard.metrics().dropped.listenerErrors).toBe(2);
});
