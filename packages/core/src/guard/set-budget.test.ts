import { describe, expect, it } from "vitest";
import type { BudgetOptions, Guard } from "../index.ts";
import { account, codeOf, model, settled, setUp, spend, used, WHY } from "./test-fixture.ts";

const CALLS: BudgetOptions = { id: "b", limit: { calls: 2 }, window: "day" };

const raise = (guard: Guard, calls: number) => guard.setBudget("b", { limit: { calls } }, WHY);

describe("setBudget in the middle of a window", () => {
  it("raises the limit at once and keeps what was spent", async () => {
    const { guard } = setUp({ budgets: [CALLS] });
    await spend(guard);
    await spend(guard);
    expect(await codeOf(spend(guard))).toBe("BR2001");
    await raise(guard, 3);
    expect(await account(guard)).toMatchObject({ limit: 3, settled: 2, remaining: 1 });
    await spend(guard);
    expect(await codeOf(spend(guard))).toBe("BR2001");
  });

  it("lowers it below what is spent: the account is over until the window resets", async () => {
    const { guard, clock } = setUp({ budgets: [CALLS] });
    await spend(guard);
    await spend(guard);
    await raise(guard, 1);
    expect(await account(guard)).toMatchObject({
      limit: 1,
      settled: 2,
      remaining: 0,
      state: "over",
    });
    expect(await codeOf(spend(guard))).toBe("BR2001");
    clock.advance(86_400_000);
    expect(await account(guard)).toMatchObject({ limit: 1, settled: 0, state: "ok" });
    expect(await codeOf(spend(guard))).toBeUndefined();
    expect(await codeOf(spend(guard))).toBe("BR2001");
  });

  it("with calls in flight: they finish, and their money counts against the new limit", async () => {
    const { guard } = setUp({ budgets: ["$0.01"] });
    const permit = await guard.begin(model(0, 5_000));
    permit.dispatched();
    await guard.setBudget("$0.01", { limit: { usd: 0.005 } }, WHY);
    expect(await account(guard)).toMatchObject({ held: 10_000_000, remaining: 0, state: "ok" });
    expect(await codeOf(guard.begin(model(0, 1)))).toBe("BR2001");
    await permit.settle(used(0, 2_000));
    expect(await account(guard)).toMatchObject({
      held: 0,
      settled: 4_000_000,
      remaining: 1_000_000,
    });
    expect(await codeOf(spend(guard, model(0, 500)))).toBeUndefined();
  });

  it("lets calls that wait for held money try against the new limit", async () => {
    const { guard } = setUp({ budgets: ["$0.01"], onHeld: "wait" });
    await guard.begin(model(0, 5_000));
    const waiting = codeOf(guard.begin(model(0, 5_000)));
    await settled();
    await guard.setBudget("$0.01", { limit: { usd: 0.02 } }, WHY);
    expect(await waiting).toBeUndefined();
  });

  it("changes every account of the budget, and budgets of single calls too", async () => {
    const { guard } = setUp({
      budgets: [
        { ...CALLS, per: "user" },
        { id: "each", limit: { tokens: 10 }, window: "call" },
      ],
    });
    const as = (user: string) => codeOf(guard.with({ user }, () => spend(guard, model(5, 5))));
    for (const user of ["u", "v"])
      for (let n = 0; n < 2; n++) expect(await as(user)).toBeUndefined();
    await raise(guard, 3);
    for (const user of ["u", "v"]) expect(await as(user)).toBeUndefined();
    await guard.setBudget("each", { limit: { tokens: 9 } }, WHY);
    expect(await as("w")).toBe("BR2001");
  });
});

describe("thresholds", () => {
  function alerts(guard: Guard): string[] {
    const seen: string[] = [];
    guard.on("budget-threshold-crossed", ({ fraction, limit }) =>
      seen.push(`${fraction} of ${limit}`),
    );
    return seen;
  }

  it("say each default fraction once, in order, also when one call crosses several", async () => {
    const { guard } = setUp({ budgets: ["100 tokens"] });
    const seen = alerts(guard);
    await spend(guard, model(49, 0));
    expect(seen).toEqual([]);
    await spend(guard, model(1, 0));
    await spend(guard, model(1, 0));
    expect(seen).toEqual(["0.5 of 100"]);
    await spend(guard, model(45, 0));
    expect(seen).toEqual(["0.5 of 100", "0.75 of 100", "0.9 of 100", "0.95 of 100"]);
  });

  it("do not alert again for what is still crossed after a change of the limit", async () => {
    const { guard } = setUp({ budgets: [{ ...CALLS, limit: { calls: 10 } }] });
    const seen = alerts(guard);
    for (let index = 0; index < 6; index++) await spend(guard);
    await raise(guard, 11);
    await spend(guard);
    expect(seen).toEqual(["0.5 of 10"]);
  });

  it("can be crossed again once a higher limit has put them out of reach", async () => {
    const { guard } = setUp({ budgets: [CALLS] });
    const seen = alerts(guard);
    await spend(guard);
    await raise(guard, 4);
    await spend(guard);
    expect(seen).toEqual(["0.5 of 2", "0.5 of 4"]);
  });

  it("are crossed at once by a lower limit", async () => {
    const at = [{ fraction: 0.5, do: "kill" as const }];
    const { guard } = setUp({ budgets: [{ ...CALLS, limit: { calls: 10 }, at }] });
    const seen = alerts(guard);
    await spend(guard);
    await raise(guard, 2);
    expect(seen).toEqual(["0.5 of 2"]);
    expect(await account(guard)).toMatchObject({ state: "killed" });
    expect(await codeOf(spend(guard))).toBe("BR1001");
  });

  it("are not crossed by a lower limit where the window has ended that it was spent in", async () => {
    const { guard, clock } = setUp({ budgets: [{ ...CALLS, limit: { calls: 10 } }] });
    const told: string[] = [];
    guard.on("budget-threshold-crossed", () => told.push("crossed"));
    guard.on("budget-overshot", () => told.push("overshot"));
    await spend(guard);
    await spend(guard);
    clock.advance(86_400_000);
    await raise(guard, 1);
    expect(told).toEqual([]);
  });

  it("follow the limit that holds when a call ends, not the one when it began", async () => {
    const at = [{ fraction: 0.5, do: "kill" as const }];
    const { guard } = setUp({ budgets: [{ ...CALLS, at }] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    await raise(guard, 100);
    await permit.settle(used(1, 1));
    expect(guard.kills()).toEqual([]);
  });

  it("can be crossed again in the next window", async () => {
    const { guard, clock } = setUp({ budgets: [CALLS] });
    const seen = alerts(guard);
    for (let day = 0; day < 2; day++) {
      await spend(guard);
      clock.advance(86_400_000);
    }
    expect(seen).toEqual(["0.5 of 2", "0.5 of 2"]);
  });
});

describe("a kill threshold", () => {
  const at = [{ fraction: 0.5, do: "kill" as const }];

  it("stops the account until someone revives it, and no call that is in flight", async () => {
    const { guard } = setUp({ budgets: [{ ...CALLS, window: "total", at }] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    await spend(guard);
    expect(permit.signal.aborted).toBe(false);
    expect(await codeOf(spend(guard))).toBe("BR1001");
    expect(guard.kills()).toMatchObject([{ by: "burnrate:threshold", level: "stop" }]);
    await guard.revive(guard.kills()[0]?.id ?? "", WHY);
    await permit.settle(used(1, 1));
    expect(await account(guard)).toMatchObject({ settled: 2, state: "exhausted" });
  });

  it("stays through a higher limit, and ends with its window", async () => {
    const { guard, clock } = setUp({ budgets: [{ ...CALLS, at }] });
    await spend(guard);
    await raise(guard, 100);
    expect(await codeOf(spend(guard))).toBe("BR1001");
    clock.advance(12 * 3_600_000 - 1);
    expect(await codeOf(spend(guard))).toBe("BR1001");
    clock.advance(1);
    expect(await codeOf(spend(guard))).toBeUndefined();
    expect(guard.kills()).toEqual([]);
  });

  it("stops one account and none beside it", async () => {
    const { guard } = setUp({ budgets: [{ ...CALLS, per: "org", at }] });
    const as = (org: string) => codeOf(guard.with({ org }, () => spend(guard)));
    expect([await as("a"), await as("a"), await as("b")]).toEqual([undefined, "BR1001", undefined]);
  });

  it("of a task ends with the task, so that kills do not pile up", async () => {
    const { guard } = setUp({ budgets: [{ id: "b", limit: { calls: 2 }, window: "task", at }] });
    const revived: string[] = [];
    guard.on("kill-revived", ({ by }) => revived.push(by));
    for (let index = 0; index < 3; index++) {
      const task = guard.task({}, async () => {
        await spend(guard);
        expect(guard.kills()).toHaveLength(1);
        await spend(guard);
      });
      expect(await codeOf(task)).toBe("BR1001");
    }
    expect(guard.kills()).toEqual([]);
    expect(revived).toEqual(Array.from({ length: 3 }, () => "burnrate:task-ended"));
  });

  it("of a user who is called like a task does not end with that task", async () => {
    const { guard } = setUp({
      budgets: [{ id: "b", limit: { calls: 2 }, window: "day", per: "user", at }],
    });
    await guard.task({}, (task) => guard.with({ user: `task=${task.id}` }, () => spend(guard)));
    expect(guard.kills()).toHaveLength(1);
  });

  it("is not pulled for a window that is over when its last call ends", async () => {
    const { guard, clock } = setUp({ budgets: [{ ...CALLS, at }] });
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    clock.advance(86_400_000 / 2);
    await permit.settle(used(1, 1));
    expect(guard.kills()).toEqual([]);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
  });
});
