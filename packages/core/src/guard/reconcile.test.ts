import { describe, expect, it } from "vitest";
import type { ControlAction, Guard, ReconciledRow } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { account, codeOf, model, setUp, spend, tool, used, WHY } from "./test-fixture.ts";

/** A guard with a call that was sent and never ended: $0.50 are charged as unknown. */
async function withUnknown(options: Parameters<typeof setUp>[0] = {}) {
  const made = setUp({ budgets: ["$1/day", "$10/hour"], ...options });
  const permit = await made.guard.begin(tool("t", 0.5));
  permit.dispatched();
  for (let minute = 0; minute < 12; minute++) {
    made.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { ...made, permit };
}

/** When test guards begin. */
const NOON = Date.UTC(2026, 0, 1, 12);

const row = (usd: number): ReconciledRow => ({ budget: "$1/day", spent: { usd } });
const daily = (guard: Guard) => account(guard, "$1/day");

describe("reconciling with the provider's figures", () => {
  it.each([
    ["in memory", undefined],
    ["on a durable store", new SlowDatabase()],
  ])("clears what was charged because nobody knew (%s)", async (_, database) => {
    const store = database?.connect();
    const { guard } = await withUnknown(store === undefined ? {} : { store });
    expect(await daily(guard)).toMatchObject({ settled: 0, unknown: 0.5e9 });
    const [changed] = await guard.reconcile([row(0.02)], WHY);
    expect(changed).toMatchObject({
      budget: "$1/day",
      before: { settled: 0, unknown: 0.5e9 },
      after: { settled: 0.02e9, unknown: 0 },
    });
    expect(await daily(guard)).toMatchObject({ settled: 0.02e9, unknown: 0, remaining: 0.98e9 });
  });

  it("counts a call that ends after all no second time", async () => {
    const { guard, permit } = await withUnknown();
    await guard.reconcile([row(0.02)], WHY);
    await permit.settle();
    expect(await daily(guard)).toMatchObject({ settled: 0.02e9, unknown: 0, held: 0 });
  });

  it("leaves what calls in flight hold", async () => {
    const { guard } = await withUnknown();
    const running = await guard.begin(tool("t", 0.25));
    running.dispatched();
    await guard.reconcile([row(0)], WHY);
    expect(await daily(guard)).toMatchObject({ settled: 0, unknown: 0, held: 0.25e9 });
    await running.settle();
    expect(await daily(guard)).toMatchObject({ settled: 0.25e9, held: 0 });
  });

  it("can show that more was spent: thresholds are crossed, and new work is refused", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    const crossed: number[] = [];
    guard.on("budget-threshold-crossed", ({ fraction }) => crossed.push(fraction));
    await guard.reconcile([row(0.8)], WHY);
    expect(crossed).toEqual([0.5, 0.75]);
    await guard.reconcile([row(1.5)], WHY);
    expect((await daily(guard)).state).toBe("over");
    expect(await codeOf(spend(guard, model(1, 1)))).toBe("BR2001");
  });

  it("throttles no more what turns out to be below its threshold", async () => {
    const at = [{ fraction: 0.5, do: "throttle" as const, maxDelayMs: 60_000 }];
    const day = { id: "day", limit: { calls: 100 }, window: "day", at } as const;
    const { guard } = setUp({ budgets: [day] });
    for (let call = 0; call < 51; call++) await spend(guard);
    expect(await codeOf(spend(guard))).toBe("BR4001");
    await guard.reconcile([{ budget: "day", spent: { calls: 3 } }], WHY);
    expect(await codeOf(spend(guard))).toBeUndefined();
    await guard.close();
  });

  it("reaches a window that is over", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const day = clock.wallMs();
    clock.advance(86_400_000);
    await guard.reconcile([{ ...row(0.3), at: day }], WHY);
    expect(await daily(guard)).toMatchObject({ settled: 0 });
    await permit.settle(used(10, 10));
    expect(await daily(guard)).toMatchObject({ settled: 0, held: 0 });
  });

  it("asks who may do it, and tells who did", async () => {
    const actions: ControlAction[] = [];
    let allowed = true;
    const authorize = (action: ControlAction) => {
      actions.push(action);
      return allowed;
    };
    const entries: unknown[] = [];
    const audit = { append: (entry: unknown) => void entries.push(entry) };
    const { guard, clock } = setUp({ budgets: ["$1/day"], authorize, audit });
    const told: string[] = [];
    guard.on("budget-reconciled", ({ by, after }) => told.push(`${by} ${after.settled}`));
    await guard.reconcile([row(0.1)], WHY);
    const window = new Date(clock.wallMs()).toISOString().slice(0, 10);
    const rows = [{ budget: "$1/day", key: "*", window, unit: "usd", spent: 0.1e9 }];
    expect(actions).toEqual([{ action: "reconcile", target: ["$1/day"], rows, ...WHY }]);
    expect(entries).toEqual([{ ...actions[0], atMs: clock.wallMs() }]);
    expect(told).toEqual(["me 100000000"]);
    allowed = false;
    expect(await codeOf(guard.reconcile([row(0)], WHY))).toBe("BR3001");
    expect((await daily(guard)).settled).toBe(0.1e9);
  });

  it.each<[string, unknown]>([
    ["no list", {}],
    ["an unknown budget", [{ budget: "$2/day", spent: { usd: 1 } }]],
    ["another unit", [{ budget: "$1/day", spent: { calls: 1 } }]],
    ["a negative amount", [row(-1)]],
    ["no amount", [{ budget: "$1/day" }]],
    ["a rolling window", [{ budget: "$10/hour", spent: { usd: 1 } }]],
    ["a misspelt key", [{ budget: "$1/day", spend: { usd: 1 } }]],
    ["an account that the budget does not have", [{ ...row(1), key: "user=u-1" }]],
    [
      "no account of a budget that has many",
      [{ budget: "5 calls/day per user", spent: { calls: 1 } }],
    ],
    ["another dimension", [{ budget: "5 calls/day per user", key: "org=a", spent: { calls: 1 } }]],
    ["an impossible time", [{ ...row(1), at: Number.NaN }]],
    ["seconds, as a provider's API gives them", [{ ...row(1), at: NOON / 1_000 }]],
    ["an instant that no date is", [{ ...row(1), at: 1e300 }]],
    ["a day that is to come", [{ ...row(1), at: NOON + 86_400_000 }]],
    ["two figures for one account", [row(1), { ...row(2), key: "*", at: new Date(NOON) }]],
  ])("refuses %s with a clear error", async (_, rows) => {
    const { guard } = setUp({ budgets: ["$1/day", "$10/hour", "5 calls/day per user"] });
    expect(await codeOf(guard.reconcile(rows as ReconciledRow[], WHY))).toBe("BR9001");
  });

  it("takes one row for each account and each window", async () => {
    const { guard } = setUp({ budgets: ["$1/day", "5 calls/day per user"] });
    const calls = (user: string, spent: number): ReconciledRow => {
      return { budget: "5 calls/day per user", key: `user=${user}`, spent: { calls: spent } };
    };
    const yesterday = { ...row(0.4), at: NOON - 86_400_000 };
    const tonight = { ...row(0.3), at: new Date(NOON + 3_600_000) };
    const rows = [tonight, yesterday, calls("a", 1), calls("b", 2)];
    const changed = await guard.reconcile(rows, WHY);
    expect(changed.map(({ after }) => after.settled)).toEqual([0.3e9, 0.4e9, 1, 2]);
    await expect(guard.reconcile([...rows, calls("a", 3)], WHY)).rejects.toThrow(
      "reconcile.rows[4].budget must be another account or window than that of rows[2]",
    );
    expect((await daily(guard)).settled).toBe(0.3e9);
  });

  it.each([
    [0.13080438340307526, 130_804_384],
    [1.2345e-12, 1],
    [0.1 + 0.2, 300_000_000],
    [1.234567891, 1_234_567_891],
    [9_007_199, 9_007_199_000_000_000],
  ])("takes a provider's figure that is finer than a nano-dollar: %d", async (usd, settled) => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    expect(await guard.reconcile([row(usd)], WHY)).toMatchObject([{ after: { settled } }]);
  });

  it("takes nothing spent for an answer, and says so to who gives less", async () => {
    const { guard } = setUp({ budgets: ["$1/day"] });
    expect(await guard.reconcile([row(0)], WHY)).toMatchObject([{ after: { settled: 0 } }]);
    await expect(guard.reconcile([row(-1)], WHY)).rejects.toThrow(
      "an amount of $0 or more; got -1",
    );
  });
});

it("waits for the limits that were changed at run time before it pulls a kill", async () => {
  const database = new SlowDatabase();
  const budget = { id: "b", limit: { usd: 5 }, at: [{ fraction: 1, do: "kill" }] } as const;
  const budgets = [{ ...budget, window: "total" }] as const;
  const before = setUp({ budgets, store: database.connect() });
  await before.guard.setBudget("b", { limit: { usd: 50 } }, WHY);
  await before.guard.close();
  const { guard } = setUp({ budgets, store: database.connect() });
  await guard.reconcile([{ budget: "b", spent: { usd: 10 } }], WHY);
  expect(guard.kills()).toEqual([]);
  expect(await codeOf(spend(guard, tool("t", 1)))).toBeUndefined();
});
