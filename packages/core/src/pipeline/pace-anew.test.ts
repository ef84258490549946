import { describe, expect, it } from "vitest";
import type { BudgetOptions } from "../budget/budget.ts";
import { codeOf, model, settled, setUp, spend, used, WHY } from "../guard/test-fixture.ts";

const HOUR = 3_600_000;
const call = (tokens: number) => model(0, tokens);

/** Tokens of a window, throttled from 85 % on. */
function throttled(window: "day" | "hour"): BudgetOptions {
  const at = [{ fraction: 0.85, do: "throttle" as const }];
  return { id: "tokens", limit: { tokens: 10_000 }, window, at };
}

describe("the pace that a budget had", () => {
  it("is over when its limit is raised", async () => {
    const { guard, clock } = setUp({ budgets: [throttled("day")] }, Date.UTC(2026, 0, 1));
    await spend(guard, call(9_990));
    await spend(guard, call(9)); // nine tenths of what is left, and so of the day
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    await guard.setBudget("tokens", { limit: { tokens: 11_000 } }, WHY);
    await spend(guard, call(1));
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    clock.advance(87_000); // a day ÷ what is left now
    await spend(guard, call(1));
    await guard.close();
  });

  it("is over when the limit is raised so far that nothing throttles, until something does", async () => {
    const { guard } = setUp({ budgets: [throttled("day")] }, Date.UTC(2026, 0, 1));
    await spend(guard, call(9_990));
    await spend(guard, call(9));
    await guard.setBudget("tokens", { limit: { tokens: 20_000 } }, WHY);
    await spend(guard, call(7_100));
    await spend(guard, call(10));
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    await guard.close();
  });

  it("is over when what was spent has left a rolling window", async () => {
    const { guard, clock } = setUp({ budgets: [throttled("hour")] });
    await spend(guard, call(5_000));
    clock.advance(HOUR / 2);
    await spend(guard, call(4_990));
    await spend(guard, call(9));
    clock.advance(0.52 * HOUR); // the first half has left; the pace would refuse for 54 minutes
    await spend(guard, call(4_000));
    await spend(guard, call(100));
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    await guard.close();
  });

  it("is over when less was spent than it was taken for", async () => {
    const { guard } = setUp({ budgets: [throttled("day")] }, Date.UTC(2026, 0, 1));
    await spend(guard, call(9_990));
    await spend(guard, call(9));
    await guard.reconcile([{ budget: "tokens", spent: { tokens: 9_000 } }], WHY);
    await spend(guard, call(1));
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    await guard.close();
  });

  it("is not given back to by a call that had taken of it", async () => {
    const { guard } = setUp({ budgets: [throttled("day")] }, Date.UTC(2026, 0, 1));
    await spend(guard, call(9_900));
    const early = await guard.begin(call(90));
    await guard.setBudget("tokens", { limit: { tokens: 11_000 } }, WHY);
    await spend(guard, call(900));
    await early.release();
    expect(await codeOf(spend(guard, call(1)))).toBe("BR4001");
    await guard.close();
  });
});

it("who waits goes sooner once a call before it has used less than it had reserved", async () => {
  const at = [{ fraction: 0.5, do: "throttle" as const, maxDelayMs: 86_400_000 }];
  const budget = { id: "tokens", limit: { tokens: 10_000 }, window: "day" as const, at };
  const { guard, clock } = setUp({ budgets: [budget] }, Date.UTC(2026, 0, 1));
  await spend(guard, call(5_000)); // a token each 17.28 seconds from here on
  const first = await guard.begin(call(20));
  first.dispatched();
  const waiting = guard.begin(call(1));
  let isAdmitted = false;
  void waiting.then(() => {
    isAdmitted = true;
  });
  await first.settle(used(0, 1));
  clock.advance(17_000);
  await settled();
  expect(isAdmitted).toBe(false);
  clock.advance(300);
  await settled();
  expect(isAdmitted).toBe(true);
  await guard.close();
});
