import { describe, expect, it } from "vitest";
import { createMemoryStore, type KillLog, StoreUnavailableError } from "../index.ts";
import {
  account,
  bookkeeping,
  codeOf,
  model,
  RATES,
  settled,
  setUp,
  slowStore,
  used,
  WHY,
} from "./test-fixture.ts";

const WHOLE = 10 * RATES.input + 10 * RATES.output;
const SWEPT_MS = 1_400_000;

describe("a ledger that answers later, or not at all", () => {
  it("has the same books in the end", async () => {
    const { store } = slowStore();
    const { guard, clock } = setUp({ budgets: ["$1"], store });
    const books = bookkeeping(guard);
    const sent = await guard.begin(model(10, 10));
    const kept = await guard.begin(model(10, 10));
    sent.dispatched();
    clock.advance(SWEPT_MS);
    await sent.settle(used(10, 1));
    await kept.settle(used(10, 2));
    await settled();
    const { settled: sure, unknown, held } = await account(guard);
    expect([sure + unknown, held]).toEqual([books.cost(), 0]);
  });

  it("does not stop a call from ending, and is counted", async () => {
    const { store, fail } = slowStore();
    const { guard } = setUp({ budgets: ["$1"], store });
    guard.on("warning", () => {});
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    fail.settle = true;
    expect(await permit.fail(new Error("x"))).toMatchObject({ costNanoUsd: WHOLE });
    expect(guard.metrics().dropped.settlements).toBe(1);
    expect((await account(guard)).held).toBe(WHOLE);
  });

  it("that fails to reserve refuses the call as ours, visible to listeners", async () => {
    const { store } = slowStore();
    const { guard } = setUp({
      budgets: ["$1"],
      store: {
        ...store,
        ledger: { ...store.ledger, reserve: () => Promise.reject(new Error("secret host")) },
      },
    });
    const refused: string[] = [];
    guard.on("call-refused", ({ code }) => refused.push(code));
    const error = await guard.begin(model(1, 1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "BR8001" });
    expect(String(error)).not.toContain("secret host");
    expect(refused).toEqual(["BR8001"]);
  });

  it("that says itself why it refuses is heard by listeners, counted and exported as well", async () => {
    const { ledger, killLog } = createMemoryStore();
    const down = new StoreUnavailableError({ message: "the store is down." });
    for (const reserve of [
      () => Promise.reject(down),
      () => {
        throw down;
      },
    ]) {
      const exported: unknown[] = [];
      const { guard } = setUp({
        budgets: ["$1"],
        store: { ledger: { ...ledger, reserve }, killLog },
        exporters: [
          { name: "test", exportCall: ({ refusalCode }) => void exported.push(refusalCode) },
        ],
      });
      const told: unknown[] = [];
      guard.on("call-refused", ({ error }) => told.push(error));
      await expect(guard.begin(model(1, 1))).rejects.toBe(down);
      expect([told, exported]).toEqual([[down], ["BR8001"]]);
      expect(guard.metrics().calls.refused).toBe(1);
    }
  });

  it("refuses everything when it cannot be opened, and budgets() says so", async () => {
    const { ledger, killLog } = createMemoryStore();
    for (const ready of [
      () => Promise.reject(new Error("down")),
      () => {
        throw new Error("down");
      },
    ]) {
      const { guard } = setUp({ store: { ledger: { ...ledger, ready }, killLog } });
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
      expect(guard.metrics().calls.refused).toBe(1);
    }
    const balances = (): never => {
      throw new Error("down");
    };
    const { guard } = setUp({
      budgets: ["$1"],
      store: { ledger: { ...ledger, balances }, killLog },
    });
    expect(await codeOf(guard.budgets())).toBe("BR8001");
    expect(await codeOf(guard.setBudget("$1", { limit: { usd: 2 } }, WHY))).toBeUndefined();
  });

  it("keeps nobody waiting who has gone", async () => {
    const { ledger, killLog } = createMemoryStore();
    const ready = (): Promise<void> => new Promise(() => {});
    const { guard } = setUp({ store: { ledger: { ...ledger, ready }, killLog } });
    const stop = new AbortController();
    const begin = guard.begin(model(1, 1, { signal: stop.signal }));
    stop.abort(new Error("gone"));
    await expect(begin).rejects.toThrow("gone");
    const gone = guard.begin(model(1, 1, { signal: stop.signal }));
    await expect(gone).rejects.toThrow("gone");
  });
});

describe("a store that says itself why it does not answer", () => {
  const refusing = (error: Error) => {
    const store = createMemoryStore();
    const refuse = (): Promise<never> => Promise.reject(error);
    const ledger = { ...store.ledger, balances: refuse, correct: refuse };
    const killLog = { ...store.killLog, append: refuse };
    const { guard } = setUp({ budgets: ["$1"], store: { ...store, ledger, killLog } });
    return [
      () => guard.budgets(),
      () => guard.setBudget("$1", { limit: { usd: 2 } }, WHY),
      () => guard.reconcile([{ budget: "$1", spent: { usd: 0 } }], WHY),
    ];
  };

  it("is quoted, and a foreign error is not", async () => {
    const own = new StoreUnavailableError({ message: "The store is closed." });
    for (const ask of refusing(own)) await expect(ask()).rejects.toThrow("(The store is closed)");
    for (const ask of refusing(new Error("secret host"))) {
      await expect(ask()).rejects.toThrow(/^BR8001 (?!.*secret)/);
    }
  });

  it("may say nothing at all: a new limit and a revive are refused after ten seconds", async () => {
    const store = createMemoryStore();
    let isSilent = false;
    const append: KillLog["append"] = (entry) =>
      isSilent ? new Promise(() => {}) : store.killLog.append(entry);
    const killLog = { ...store.killLog, append };
    const { guard, clock } = setUp({ budgets: ["$1"], store: { ...store, killLog } });
    const { id } = await guard.kill({ agent: "a" }, WHY);
    isSilent = true;
    const asked = [guard.setBudget("$1", { limit: { usd: 2 } }, WHY), guard.revive(id, WHY)];
    const heard = asked.map((one) => expect(one).rejects.toThrow(/did not answer within 10 s/));
    await settled();
    clock.advance(10_000);
    await Promise.all(heard);
    expect((await guard.budgets())[0]?.limit).toBe(1e9);
  });
});
