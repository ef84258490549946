import { Tracker } from "../../engine/tracker.ts";
import { anObjective, START_MS, seeded } from "../../test-fixture.ts";

/** Minutes of a day. */
export const MINUTES_A_DAY = 1_440;
const TARGET = 0.99;
const BROKEN = 0.6;

/** Calls that come at random, as many by day as by night. */
export interface SimulatedTraffic {
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
  /** Minute from which 60 % of calls fail. */
  readonly breaksAt: number;
}

/** What paged, with the low-traffic guard and by the plain rules, which lack it. */
export interface SimulatedPages {
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

/** Calls that fail at half the budget of a target of 99 %, looked at each minute. */
export function simulatePages({ perDay, days, seed, breaksAt }: SimulatedTraffic): SimulatedPages {
  const tracker = new Tracker(anObjective({ target: TARGET }), START_MS);
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
