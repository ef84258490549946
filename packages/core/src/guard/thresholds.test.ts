import { describe, expect, it } from "vitest";
import { createMemoryStore, type Guard } from "../index.ts";
import { join, pass, turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { account, codeOf, setUp, spend, tool, WHY } from "./test-fixture.ts";

/** Fractions in the order in which they were crossed. */
function listen(guard: Guard): number[] {
  const crossed: number[] = [];
  guard.on("budget-threshold-crossed", ({ fraction }) => crossed.push(fraction));
  return crossed;
}

const calls = (count: number, fractions: readonly number[], act: "alert" | "kill" = "alert") => ({
  id: "b",
  limit: { calls: count },
  window: "day" as const,
  at: fractions.map((fraction) => ({ fraction, do: act })),
});

async function spendCalls(guard: Guard, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await spend(guard, tool("t"));
}

describe("a threshold", () => {
  it("is told by the guard that crossed it, and by no other on the same store", async () => {
    const store = createMemoryStore();
    const one = setUp({ budgets: [calls(10, [0.5, 0.8])], store }).guard;
    const other = setUp({ budgets: [calls(10, [0.5, 0.8])], store }).guard;
    const crossed = [listen(one), listen(other)];
    await spendCalls(one, 6);
    await spendCalls(other, 3);
    expect(crossed).toEqual([[0.5], [0.8]]);
  });

  it("is told once, also by a guard that was made in the middle of a window", async () => {
    const store = createMemoryStore();
    await spendCalls(setUp({ budgets: [calls(10, [0.5])], store }).guard, 7);
    const { guard } = setUp({ budgets: [calls(10, [0.5])], store });
    const crossed = listen(guard);
    await spendCalls(guard, 2);
    expect(crossed).toEqual([]);
  });

  it.each([
    [0.55, 100, 55],
    [0.07, 100, 7],
    [0.29, 100, 29],
    [0.1, 3, 1],
    [1, 3, 3],
  ])(
    "of %d × %d is crossed by spending %d, whatever floats make of it",
    async (fraction, limit, at) => {
      const { guard } = setUp({ budgets: [calls(limit, [fraction])] });
      const crossed = listen(guard);
      await spendCalls(guard, at - 1);
      expect(crossed).toEqual([]);
      await spendCalls(guard, 1);
      expect(crossed).toEqual([fraction]);
    },
  );

  it("is told once while usage stays above it, and again after the limit was raised and lowered", async () => {
    const { guard } = setUp({ budgets: [calls(10, [0.5])] });
    const crossed = listen(guard);
    await spendCalls(guard, 7);
    await guard.setBudget("b", { limit: { calls: 8 } }, WHY);
    expect(crossed).toEqual([0.5]);
    await guard.setBudget("b", { limit: { calls: 100 } }, WHY);
    await guard.setBudget("b", { limit: { calls: 10 } }, WHY);
    expect(crossed).toEqual([0.5, 0.5]);
  });

  it("kills when a lowered limit crosses it", async () => {
    const { guard } = setUp({ budgets: [calls(10, [0.9], "kill")] });
    await spendCalls(guard, 5);
    await guard.setBudget("b", { limit: { calls: 6 } }, WHY);
    await spendCalls(guard, 0);
    expect(await codeOf(spend(guard, tool("t")))).toBeUndefined();
    expect(await codeOf(spend(guard, tool("t")))).toBe("BR1001");
    expect((await account(guard)).state).toBe("killed");
  });

  it.each([
    [true, undefined],
    [true, "a"],
    [false, undefined],
  ])(
    "is not crossed by what has left a rolling window (sent in time: %s; idempotency key %s)",
    async (inTime, idempotencyKey) => {
      const at = [{ fraction: 0.9, do: "kill" as const }];
      const minute = { id: "m", limit: { calls: 2 }, window: "minute", at } as const;
      const { guard, clock } = setUp({ budgets: [minute] });
      const crossed = listen(guard);
      const long = await guard.begin({ ...tool("t"), ...(idempotencyKey && { idempotencyKey }) });
      if (inTime) long.dispatched();
      await spend(guard, tool("t"));
      clock.advance(120_000);
      await long.settle();
      expect(crossed).toEqual([]);
      expect(await codeOf(spend(guard, tool("t")))).toBeUndefined();
    },
  );
});

describe("an account over its limit", () => {
  it("is told once, not with each call that ends there", async () => {
    const { guard } = setUp({ budgets: [calls(3, [])] });
    let told = 0;
    guard.on("budget-overshot", () => told++);
    const permits = [];
    for (let index = 0; index < 3; index++) permits.push(await guard.begin(tool("t")));
    await guard.setBudget("b", { limit: { calls: 1 } }, WHY);
    for (const permit of permits) {
      permit.dispatched();
      await permit.settle();
    }
    expect(told).toBe(1);
  });
});

describe("a budget that somebody killed", () => {
  it("is shown as killed, until it is revived", async () => {
    const { guard } = setUp({ budgets: ["$1/day", calls(3, [])] });
    const { id } = await guard.kill({ budget: "b" }, WHY);
    expect((await account(guard, "b")).state).toBe("killed");
    expect((await account(guard, "$1/day")).state).toBe("ok");
    await guard.revive(id, WHY);
    expect((await account(guard, "b")).state).toBe("ok");
  });

  it("is not, where the kill names more than the budget", async () => {
    const { guard } = setUp({ budgets: [calls(3, [])] });
    await guard.kill({ budget: "b", agent: "support" }, WHY);
    expect((await account(guard, "b")).state).toBe("ok");
  });
});

describe("a process that dies with money in its hands", () => {
  it("has thresholds act in those that go on, and a kill is pulled once", async () => {
    const database = new SlowDatabase();
    const budget = {
      id: "b",
      limit: { usd: 1 },
      window: "day" as const,
      at: [
        { fraction: 0.5, do: "alert" as const },
        { fraction: 0.75, do: "kill" as const },
      ],
    };
    const [dead, ...others] = [1, 2, 3].map(() => join(database, { budgets: [budget] }));
    if (dead === undefined) throw new Error("three were made");
    const told = others.map(({ guard }) => listen(guard));
    (await dead.guard.begin(tool("t", 0.8))).dispatched();
    for (const { guard } of others) await spend(guard, tool("t", 0.001));
    await pass(database, others, 1_000);
    dead.line.cut = true;
    await pass(database, others, 16_000); // the store charges what the dead one had reserved
    for (const { guard } of others) await spend(guard, tool("t", 0.001));
    await pass(database, others, 1_000);
    await turns();
    expect(new Set(told.flat())).toEqual(new Set([0.5, 0.75]));
    for (const { guard } of others) {
      expect(guard.kills()).toHaveLength(1);
      expect(await codeOf(guard.begin(tool("t", 0.001)))).toBe("BR1001");
    }
  });

  it("has them act in one that begins later, unless somebody revived the account", async () => {
    const database = new SlowDatabase();
    const at = [{ fraction: 0.75, do: "kill" as const }];
    const budgets = [{ id: "b", limit: { usd: 1 }, window: "day" as const, at }];
    const dead = join(database, { budgets });
    (await dead.guard.begin(tool("t", 0.8))).dispatched();
    dead.line.cut = true;
    await pass(database, [dead], 60_000);
    const first = join(database, { budgets });
    await first.guard.budgets();
    await pass(database, [first], 16_000); // by now the store has charged it
    await spend(first.guard, tool("t", 0.001));
    await pass(database, [first], 1_000);
    const [kill] = first.guard.kills();
    expect(kill).toMatchObject({ by: "burnrate:threshold" });
    await first.guard.revive(kill?.id ?? "", WHY);
    const second = join(database, { budgets });
    await spend(second.guard, tool("t", 0.001));
    await pass(database, [first, second], 1_000);
    await turns();
    expect([first, second].map(({ guard }) => guard.kills())).toEqual([[], []]);
  });
});
