import { describe, expect, it } from "vitest";
import { compileEvidence } from "./evidence.ts";

const LOG_FACTORIAL = [0];
for (let i = 1; i <= 10_230; i++)
  LOG_FACTORIAL.push((LOG_FACTORIAL[i - 1] as number) + Math.log(i));

/** P(X ≥ k) of a binomial X, term by term in logarithms: slow and obviously right. */
function tailOf(k: number, n: number, rate: number): number {
  const log = (m: number): number => LOG_FACTORIAL[m] as number;
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const ways = log(n) - log(i) - log(n - i);
    sum += Math.exp(ways + i * Math.log(rate) + (n - i) * Math.log(1 - rate));
  }
  return sum;
}

describe("the evidence table", () => {
  it.each([0.01, 0.05, 0.25, 0.5, 0.9, 0.99])(
    "at a tolerated rate of %d is the least k whose binomial tail is below 0.01",
    (rate) => {
      const needed = compileEvidence(rate, 400);
      for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 50, 99, 100, 233, 400]) {
        const k = needed[n] as number;
        expect(tailOf(k, n, rate)).toBeLessThan(0.01);
        expect(tailOf(k - 1, n, rate)).toBeGreaterThanOrEqual(0.01);
      }
    },
  );

  it("stays exact over ten thousand calls", () => {
    const needed = compileEvidence(0.25, 10_230);
    const k = needed[10_230] as number;
    expect(tailOf(k, 10_230, 0.25)).toBeLessThan(0.01);
    expect(tailOf(k - 1, 10_230, 0.25)).toBeGreaterThanOrEqual(0.01);
  });
});
