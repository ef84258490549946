import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WindowSet } from "./window-set.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = [5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY];
const WIDTHS = [...LENGTHS.map((ms) => (ms <= HOUR ? 10_000 : MINUTE)), HOUR];
const ALL = [...LENGTHS, 30 * DAY];

interface Event {
  readonly waitMs: number;
  readonly bad: boolean;
  readonly count: number;
}

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    /** Mostly bursts, at times hours or weeks of silence. */
    waitMs: fc.oneof(
      fc.nat({ max: 30_000 }),
      fc.nat({ max: 3 * HOUR }),
      fc.nat({ max: 5 * DAY }),
      fc.constant(40 * DAY),
    ),
    bad: fc.boolean(),
    count: fc.oneof(fc.constant(1), fc.nat({ max: 70_000 })),
  }),
  { maxLength: 60 },
);

function aSet(): WindowSet {
  return new WindowSet(LENGTHS, 30 * DAY);
}

function countsOf(set: WindowSet): (readonly [bad: number, total: number])[] {
  return ALL.map((_, index) => [set.bad[index] ?? Number.NaN, set.total[index] ?? Number.NaN]);
}

/** Counts every event again, in windows that are longer by `slackOf`. */
function recount(
  seen: readonly { readonly atMs: number; readonly bad: number; readonly total: number }[],
  nowMs: number,
  slackOf: (window: number) => number,
): (readonly [bad: number, total: number])[] {
  return ALL.map((ms, index) => {
    const within = seen.filter(({ atMs }) => atMs > nowMs - ms - slackOf(index));
    const sum = (field: "bad" | "total"): number =>
      within.reduce((all, one) => all + one[field], 0);
    return [sum("bad"), sum("total")];
  });
}

/** Whether counts lie between those of the window and those of one bucket more. */
function isBetween(
  counts: ReturnType<typeof countsOf>,
  least: ReturnType<typeof countsOf>,
  most: ReturnType<typeof countsOf>,
): boolean {
  return counts.every((pair, window) =>
    pair.every((count, at) => {
      const [low = Number.NaN, high = Number.NaN] = [least[window]?.[at], most[window]?.[at]];
      return count >= low && count <= high;
    }),
  );
}

function replay(
  all: readonly Event[],
  each: (nowMs: number, event: Event, index: number) => void,
): void {
  let nowMs = Date.UTC(2026, 0, 1);
  for (const [index, event] of all.entries()) {
    nowMs += event.waitMs;
    each(nowMs, event, index);
  }
}

describe("windows", () => {
  it("count what a recount of every event does, within one bucket", () => {
    const check = (all: readonly Event[]): void => {
      const set = aSet();
      const seen: { atMs: number; bad: number; total: number }[] = [];
      replay(all, (nowMs, { bad, count }) => {
        set.advance(nowMs);
        set.add(bad ? count : 0, count);
        seen.push({ atMs: nowMs, bad: bad ? count : 0, total: count });
        const least = recount(seen, nowMs, () => 0);
        const most = recount(seen, nowMs, (window) => WIDTHS[window] ?? 0);
        expect(isBetween(countsOf(set), least, most)).toBe(true);
      });
    };
    fc.assert(fc.property(events, check), { numRuns: 200 });
  });

  it("counts of two processes put together are those of one", () => {
    const check = (all: readonly Event[]): void => {
      const one = aSet();
      const left = aSet();
      const right = aSet();
      replay(all, (nowMs, { bad, count }, index) => {
        const badCount = bad ? count : 0;
        for (const set of [one, left, right]) set.advance(nowMs);
        one.add(badCount, count);
        [left, right][index % 2]?.add(badCount, count);
      });
      for (const [index, buckets] of right.buckets().entries()) {
        for (const [atMs, bad, total] of buckets) left.rings[index]?.addAt(atMs, bad, total);
      }
      expect(countsOf(left)).toEqual(countsOf(one));
      expect(left.buckets()).toEqual(one.buckets());
    };
    fc.assert(fc.property(events, check), { numRuns: 200 });
  });

  it("widen a counter that overflows a byte, two, and four without losing anything", () => {
    const set = new WindowSet([5 * MINUTE], HOUR);
    set.advance(Date.UTC(2026, 0, 1));
    let expected = 0;
    for (const count of [200, 100, 70_000, 5_000_000_000]) {
      set.add(count, count);
      expected += count;
      expect([set.bad[0], set.total[0]]).toEqual([expected, expected]);
    }
    set.advance(Date.UTC(2026, 0, 1) + 10 * MINUTE);
    expect([set.bad[0], set.total[0], set.bad[1]]).toEqual([0, 0, expected]);
  });
});
