import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GUARD_PROBABILITY, guardTable, isEvidence, tail } from "./guard-table.ts";

/** The same probability, added up with big integers: nothing is rounded before the end. */
function exactTail(k: number, n: number, perMille: number): number {
  let sum = 0n;
  let choose = 1n;
  for (let i = 0; i <= n; i++) {
    if (i >= k)
      sum += choose * BigInt(perMille) ** BigInt(i) * BigInt(1_000 - perMille) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  return Number((sum * 10n ** 30n) / 1_000n ** BigInt(n)) / 1e30;
}

describe("the low-traffic guard", () => {
  it("knows the binomial tail exactly", () => {
    const parts = [
      fc.nat({ max: 20 }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 900 }),
    ] as const;
    const check = (k: number, n: number, perMille: number): void => {
      const exact = k > n ? 0 : exactTail(k, n, perMille);
      expect(Math.abs(tail(k, n, perMille / 1_000) - exact)).toBeLessThan(1e-9 * exact + 1e-25);
    };
    fc.assert(fc.property(...parts, check), { numRuns: 300 });
  });

  it("asks for as many bad events as bad luck does not bring, for every total", () => {
    for (const budget of [0.0001, 0.001, 0.01, 0.05, 0.1, 0.3]) {
      const table = guardTable(budget, 6);
      const { maxTotal } = table.steps.at(-1) ?? { maxTotal: 0 };
      for (let total = 1; total <= Math.min(maxTotal, 400); total++) {
        for (let bad = 0; bad <= Math.min(total, 12); bad++) {
          const isRare = bad >= 2 && tail(bad, total, budget) < GUARD_PROBABILITY;
          expect([budget, bad, total, isEvidence(table, bad, total)]).toEqual([
            budget,
            bad,
            total,
            isRare,
          ]);
        }
      }
    }
  });

  it("takes one bad event of one for an accident at every target", () => {
    for (const budget of [0.5, 0.01, 1e-6]) {
      expect(isEvidence(guardTable(budget, 1), 1, 1)).toBe(false);
      expect(isEvidence(guardTable(budget, 1), 1, 1e9)).toBe(false);
    }
  });

  it("asks nothing more once a ratio means what it says", () => {
    const table = guardTable(0.01, 14.4);
    const { maxTotal } = table.steps.at(-1) ?? { maxTotal: 0 };
    expect(maxTotal).toBeLessThan(200);
    const fires = Math.ceil((maxTotal + 1) * 0.144);
    expect(tail(fires, maxTotal + 1, 0.01)).toBeLessThan(GUARD_PROBABILITY);
    for (const { rule } of [1, 1.5, 3, 6].map((factor) => ({ rule: guardTable(0.01, factor) }))) {
      expect(rule.steps.length).toBeLessThanOrEqual(63);
    }
  });
});
