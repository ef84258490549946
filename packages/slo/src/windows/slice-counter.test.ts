import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Method } from "../objective/method.ts";
import { type JudgedSlice, SliceCounter } from "./slice-counter.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const START = 20_000 * DAY;

type SliceMethod = Exclude<Method, { readonly kind: "occurrences" }>;

const method: fc.Arbitrary<SliceMethod> = fc.record({
  kind: fc.constant("time-slices" as const),
  sliceMs: fc.constantFrom(MINUTE, 7 * MINUTE),
  target: fc.constantFrom(0.5, 0.93, 1),
  noData: fc.constantFrom("ignore" as const, "good" as const, "bad" as const),
});

interface Event {
  readonly atMs: number;
  /** How much later somebody hears of it. */
  readonly lateMs: number;
  readonly bad: number;
  readonly good: number;
}

const events: fc.Arbitrary<Event[]> = fc.array(
  fc.record({
    atMs: fc.nat({ max: 400 * MINUTE }),
    lateMs: fc.oneof(fc.constant(0), fc.nat({ max: 90 * MINUTE })),
    bad: fc.nat({ max: 3 }),
    good: fc.nat({ max: 20 }),
  }),
  { maxLength: 60 },
);

class Sums {
  bad = 0;
  total = 0;

  take(judged: readonly (JudgedSlice | undefined)[]): void {
    for (const one of judged) {
      this.bad += one?.bad ?? 0;
      this.total += one?.total ?? 0;
    }
  }
}

/** What all slices count in the end, when events are told so much later. */
function judge(
  how: SliceMethod,
  told: readonly (Pick<Event, "atMs" | "bad" | "good"> & { readonly toldMs: number })[],
): readonly [bad: number, total: number] {
  const counter = new SliceCounter(how, 30 * DAY);
  const sums = new Sums();
  sums.take(counter.advance(START));
  for (const { atMs, toldMs, bad, good } of told.toSorted((a, b) => a.toldMs - b.toldMs)) {
    sums.take(counter.advance(START + toldMs));
    sums.take([counter.add(START + atMs, bad, bad + good)]);
  }
  sums.take(counter.advance(START + 600 * MINUTE));
  return [sums.bad, sums.total];
}

describe("slices of time", () => {
  it("are judged the same whether events are told in time or after the slice's end", () => {
    const check = (how: SliceMethod, all: readonly Event[]): void => {
      const inTime = all.map((event) => ({ ...event, toldMs: event.atMs }));
      const late = all.map((event) => ({ ...event, toldMs: event.atMs + event.lateMs }));
      expect(judge(how, late)).toEqual(judge(how, inTime));
    };
    fc.assert(fc.property(method, events, check), { numRuns: 300 });
  });

  it("are good at exactly their target, which 1 - 0.07 in binary would miss", () => {
    const how = { kind: "time-slices", sliceMs: MINUTE, target: 0.93, noData: "ignore" } as const;
    expect(1 - 0.07).toBeLessThan(0.93);
    expect(judge(how, [{ atMs: 0, toldMs: 0, bad: 7, good: 93 }])).toEqual([0, 1]);
    expect(judge(how, [{ atMs: 0, toldMs: 0, bad: 8, good: 92 }])).toEqual([1, 1]);
  });

  it.each(["good", "bad"] as const)(
    "of before the first one, told by a clock that is behind, take no silence back: %s",
    (noData) => {
      const how = { kind: "time-slices", sliceMs: MINUTE, target: 0.9, noData } as const;
      const first = new SliceCounter(how, 30 * DAY);
      first.advance(START);
      const later = new SliceCounter(how, 30 * DAY);
      later.restore([first.snapshot()], START);
      later.advance(START);
      expect(later.add(START - 2 * MINUTE, 0, 9)).toMatchObject({ bad: 0, total: 1 });
      expect(later.add(START - 2 * MINUTE, 9, 9)).toMatchObject({ bad: 1, total: 0 });
    },
  );

  it("go on although a process whose clock was years ahead has stored some", () => {
    const how = { kind: "time-slices", sliceMs: MINUTE, target: 0.9, noData: "ignore" } as const;
    const counter = new SliceCounter(how, 30 * DAY);
    counter.restore([{ open: START / MINUTE + 1_000_000, counts: [] }], START);
    counter.advance(START);
    expect(counter.add(START, 1, 1)).toBeUndefined();
    expect(counter.advance(START + MINUTE)).toMatchObject([{ bad: 1, total: 1 }]);
  });
});
