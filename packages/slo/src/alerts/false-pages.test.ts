import { describe, expect, it } from "vitest";
import { MINUTES_A_DAY, simulatePages } from "./testing/simulate-pages.ts";

function median(values: readonly (number | undefined)[]): number {
  const sorted = values.map((value) => value ?? Infinity).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

describe("pages at a true error of half the budget", () => {
  for (const [perDay, runs, soonestMinutes] of [
    [24, 10, 240],
    [240, 10, 40],
    [2_400, 6, 20],
    [24_000, 2, 20],
  ] as const) {
    it(`${perDay} calls a day: at most 0.6 in 30 days, and a broken agent still pages`, () => {
      const seeds = Array.from({ length: runs }, (_, index) => index * 31 + 7);
      const quiet = seeds.map((seed) =>
        simulatePages({ perDay, days: 30, seed, breaksAt: Number.POSITIVE_INFINITY }),
      );
      const mean = quiet.reduce((sum, { guarded }) => sum + guarded, 0) / runs;
      expect(mean).toBeLessThanOrEqual(0.6);
      const broken = seeds.map((seed) =>
        simulatePages({ perDay, days: 2, seed, breaksAt: MINUTES_A_DAY }),
      );
      const after = median(broken.map(({ guardedAfter }) => guardedAfter));
      const plainAfter = median(broken.map(({ plainAfter: minutes }) => minutes));
      expect(after).toBeLessThanOrEqual(soonestMinutes);
      expect(after).toBeLessThanOrEqual(plainAfter * 2.5);
    });
  }

  it("plain rules without the guard would page several times at 240 calls a day", () => {
    const runs = [7, 38, 69, 100].map((seed) =>
      simulatePages({ perDay: 240, days: 30, seed, breaksAt: Number.POSITIVE_INFINITY }),
    );
    const mean = runs.reduce((sum, { plain }) => sum + plain, 0) / runs.length;
    expect(mean).toBeGreaterThan(1);
  });
});
