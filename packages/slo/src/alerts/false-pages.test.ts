import { describe, expect, it } from "vitest";
import { Tracker } from "../engine/tracker.ts";
import { anObjective, START_MS, seeded } from "../test-fixture.ts";

const MINUTES_A_DAY = 1_440;
const TARGET = 0.99;
const BROKEN = 0.6;

interface Traffic {
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
  /** Minute from which 60 % of calls fail. */
  readonly breaksAt: number;
}

interface Pages {
  readonly guarded: number;
  readonly plain: number;
  /** Minutes from the break to the first page; undefined when there was none. */
  readonly guardedAfter: number | undefined;
  readonly plainAfter: number | undefined;
}

/** How many calls fall into a minute. */
function poisson(random: () => number, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 20) {
    const limit = Math.exp(-Math.min(left, 20));
    for (let product = random(); product > limit; product *= random()) count++;
  }
  return count;
}

class Episodes {
  count = 0;
  first: number | undefined;
  #isOn = false;

  look(fires: boolean, minutesSince: number): void {
    if (fires && !this.#isOn) this.count++;
    if (fires && minutesSince >= 0) this.first ??= minutesSince;
    this.#isOn = fires;
  }
}

/** Both page rules, without the guard. */
function firesPlainly(tracker: Tracker): boolean {
  return tracker.objective.rules.some(
    ({ severity, longMs, shortMs, threshold }) =>
      severity === "page" &&
      tracker.ratio(tracker.indexOf(longMs)) > threshold &&
      tracker.ratio(tracker.indexOf(shortMs)) > threshold,
  );
}

/** Calls that fail at half the budget, looked at each minute. */
function simulate({ perDay, days, seed, breaksAt }: Traffic): Pages {
  const tracker = new Tracker(anObjective({ target: TARGET }));
  const random = seeded(seed);
  const guarded = new Episodes();
  const plain = new Episodes();
  for (let minute = 0; minute < days * MINUTES_A_DAY; minute++) {
    const share = minute >= breaksAt ? BROKEN : tracker.objective.target.budget / 2;
    const atMs = START_MS + minute * 60_000;
    tracker.advance(atMs);
    const total = poisson(random, perDay / MINUTES_A_DAY);
    let bad = 0;
    for (let call = 0; call < total; call++) if (random() < share) bad++;
    if (total > 0) tracker.replay(atMs, bad, total);
    tracker.advance(atMs + 60_000);
    guarded.look(tracker.isFiring(0) || tracker.isFiring(1), minute - breaksAt);
    plain.look(firesPlainly(tracker), minute - breaksAt);
  }
  return {
    guarded: guarded.count,
    plain: plain.count,
    guardedAfter: guarded.first,
    plainAfter: plain.first,
  };
}

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
        simulate({ perDay, days: 30, seed, breaksAt: Number.POSITIVE_INFINITY }),
      );
      const mean = quiet.reduce((sum, { guarded }) => sum + guarded, 0) / runs;
      expect(mean).toBeLessThanOrEqual(0.6);
      const broken = seeds.map((seed) =>
        simulate({ perDay, days: 2, seed, breaksAt: MINUTES_A_DAY }),
      );
      const after = median(broken.map(({ guardedAfter }) => guardedAfter));
      const plainAfter = median(broken.map(({ plainAfter: minutes }) => minutes));
      expect(after).toBeLessThanOrEqual(soonestMinutes);
      expect(after).toBeLessThanOrEqual(plainAfter * 2.5);
    });
  }

  it("plain rules without the guard would page several times at 240 calls a day", () => {
    const runs = [7, 38, 69, 100].map((seed) =>
      simulate({ perDay: 240, days: 30, seed, breaksAt: Number.POSITIVE_INFINITY }),
    );
    const mean = runs.reduce((sum, { plain }) => sum + plain, 0) / runs.length;
    expect(mean).toBeGreaterThan(1);
  });
});
