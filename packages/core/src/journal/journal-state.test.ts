import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountRef } from "../index.ts";
import { formatEntry, type JournalEntry, parseEntries } from "./journal-entry.ts";
import { JournalState } from "./journal-state.ts";

const ACCOUNT: AccountRef = {
  key: "b|total",
  windowKey: "total",
  window: { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY },
  unit: "usd",
  limit: 1e9,
  limitVersion: 1,
  org: "o",
  ephemeral: false,
};

function stateOf(entries: readonly JournalEntry[]): JournalState {
  const state = new JournalState();
  for (const entry of entries) state.apply(entry);
  return state;
}

function figuresOf(state: JournalState) {
  return { returns: state.returns(7), ends: state.ends(), charges: state.charges() };
}

const LEASE: JournalEntry = { kind: "lease", id: "l", account: ACCOUNT };
const sent = (id: string, amount: number): JournalEntry => ({
  ...{ kind: "sent", id, atMs: 5 },
  parts: [{ lease: "l", amount }],
});

describe("what a journal comes to", () => {
  it("what ended is settled, what was sent is unknown, the rest of a lease goes back", () => {
    const state = stateOf([
      LEASE,
      sent("a", 10),
      sent("b", 20),
      sent("c", 30),
      { kind: "end", id: "a", amounts: [7] },
      { kind: "end", id: "b", amounts: [0] },
    ]);
    const expected = { id: "l", account: ACCOUNT, settled: 7, unknown: 30, kept: 0, atMs: 7 };
    expect(state.returns(7)).toEqual([{ ...expected, revision: 2 ** 40 }]);
  });

  it("a call that the store holds ends as it did; one that was never sent costs nothing", () => {
    const end = { id: "c", as: "settled", amounts: [5] } as const;
    const state = stateOf([
      { kind: "held", id: "a", accounts: 2 },
      { kind: "held", id: "b", accounts: 2 },
      { kind: "held-sent", id: "b" },
      { kind: "held", id: "c", accounts: 1 },
      { kind: "held-end", end },
      { kind: "held", id: "d", accounts: 1 },
      { kind: "known", id: "d" },
    ]);
    expect(state.ends()).toEqual([
      { id: "a", as: "settled", amounts: [0, 0] },
      { id: "b", as: "unknown", amounts: [] },
      end,
    ]);
  });

  it("what no lease backs is charged in full until it ends, or is charged by itself", () => {
    const parts = [
      { lease: "l", amount: 1 },
      { account: ACCOUNT, amount: 9 },
    ];
    const entries: JournalEntry[] = [LEASE, { kind: "sent", id: "a", atMs: 5, parts }];
    const charge = { id: "a/1", account: ACCOUNT, amount: 9, atMs: 5, rememberMs: 3_600_000 };
    expect(stateOf(entries).charges()).toEqual([charge]);
    expect(stateOf([...entries, { kind: "charged", id: "a" }]).charges()).toEqual([]);
    expect(stateOf([...entries, { kind: "charged", id: "a" }]).returns(0)[0]?.unknown).toBe(1);
    expect(stateOf([...entries, { kind: "end", id: "a", amounts: [1, 9] }]).charges()).toEqual([]);
  });

  it("what the store knows of is over", () => {
    const charge = { id: "x", account: ACCOUNT, amount: 9, atMs: 5, rememberMs: 1 };
    const known = ["l", "x"].map((id): JournalEntry => ({ kind: "known", id }));
    expect(stateOf([LEASE, { kind: "charge", charge }, ...known]).isEmpty).toBe(true);
  });

  it("its summary comes to the same, written and read again, whatever was noted", () => {
    const id = fc.constantFrom("a", "b", "c", "l", "m");
    const amount = fc.nat(1_000);
    const part = fc.oneof(
      fc.record({ lease: fc.constantFrom("l", "m"), amount }),
      fc.record({ account: fc.constant(ACCOUNT), amount }),
    );
    const end = fc.record({
      id,
      as: fc.constantFrom("settled", "unknown"),
      amounts: fc.tuple(amount),
    });
    const entry = fc.oneof(
      fc.record({ kind: fc.constant("lease"), id, account: fc.constant(ACCOUNT) }),
      fc.record({ kind: fc.constant("sent"), id, atMs: amount, parts: fc.tuple(part, part) }),
      fc.record({ kind: fc.constantFrom("charged", "held-sent", "known"), id }),
      fc.record({ kind: fc.constant("end"), id, amounts: fc.tuple(amount, amount) }),
      fc.record({ kind: fc.constant("held"), id, accounts: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant("held-end"), end }),
    ) as fc.Arbitrary<JournalEntry>;
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const state = stateOf(entries);
        const summary = Array.from(state.entries(), formatEntry).join("");
        expect(figuresOf(stateOf(parseEntries(summary)))).toEqual(figuresOf(state));
      }),
    );
  });
});

describe("lines of a journal", () => {
  it("one that was cut off at the end was never relied on; others must be whole", () => {
    const lines = formatEntry(LEASE) + formatEntry(sent("a", 10));
    expect(parseEntries(lines)).toEqual([LEASE, sent("a", 10)]);
    for (let length = 0; length < lines.length; length++) {
      const whole = lines.slice(0, length).split("\n").length - 1;
      expect(parseEntries(lines.slice(0, length))).toHaveLength(whole);
    }
    expect(() => parseEntries(`{"kind":"le\n${lines}`)).toThrow(SyntaxError);
  });

  it.each<[string, unknown]>([
    ["of another kind", { kind: "note", id: "a" }],
    ["of a kind that every object has", { kind: "constructor", id: "a" }],
    ["that is a list", []],
    ["that is nothing", null],
    ["without an id", { kind: "known" }],
    ["of a lease without an account", { kind: "lease", id: "l" }],
    ["of a lease of half a unit", { ...LEASE, settled: 0.5 }],
    ["of an account without a window", { ...LEASE, account: { ...ACCOUNT, window: null } }],
    ["of an account in pounds", { ...LEASE, account: { ...ACCOUNT, unit: "gbp" } }],
    ["of a part that gives money", sent("a", -1)],
    ["of an end without amounts", { kind: "end", id: "a" }],
    ["of an end of another kind", { kind: "held-end", end: { id: "a", as: "free", amounts: [] } }],
    ["of an empty charge", { kind: "charge", charge: {} }],
    ["of a call on accounts without number", { kind: "held", id: "a", accounts: 1e9 }],
  ])("refuses one %s", (_, entry) => {
    expect(() => parseEntries(`${JSON.stringify(entry)}\n`)).toThrow(TypeError);
  });

  it("takes those of every kind of window", () => {
    const rolling = { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 } as const;
    const fixed = { kind: "fixed", startsAtMs: 1, endsAtMs: 9 } as const;
    const endless = { ...fixed, startsAtMs: -Infinity, endsAtMs: Infinity };
    for (const window of [rolling, fixed, endless]) {
      const entry = { ...LEASE, account: { ...ACCOUNT, window } };
      expect(parseEntries(formatEntry(entry as JournalEntry))).toEqual([entry]);
    }
  });
});
