import { describe, expect, it } from "vitest";
import { setUp } from "../guard/test-fixture.ts";
import { createLimits, type GateHold } from "../index.ts";
import { type KeySlot, KeyTable } from "./key-table.ts";
import type { LimitKind } from "./limit.ts";
import { createLimitCounter } from "./limit-counter.ts";
import { call } from "./test-fixture.ts";

const RATE: LimitKind = { kind: "rate", calls: 60, period: "minute", burst: 1 };

function table(what: LimitKind, cap: number): KeyTable {
  return new KeyTable(createLimitCounter(what), cap);
}

/** Where a key stands now. */
function at(counts: KeyTable, key: string): KeySlot {
  return { key, slot: counts.find(key), generation: counts.generation };
}

/** Takes a place; false when there is no room for the key. */
function take(counts: KeyTable, key: string, nowMs: number): boolean {
  const slot = counts.open(key, nowMs);
  if (slot >= 0) counts.take(slot, nowMs);
  return slot >= 0;
}

describe("a full table", () => {
  it("refuses new keys of a rate while the old ones are in use, and forgets none of them", () => {
    const counts = table(RATE, 100);
    for (let key = 0; key < 100; key++) expect(take(counts, `k${key}`, 0)).toBe(true);
    expect(take(counts, "new", 999)).toBe(false);
    for (let key = 0; key < 100; key++) expect(counts.find(`k${key}`)).toBeGreaterThanOrEqual(0);
    expect(take(counts, "new", 1_000)).toBe(true);
    expect(counts.forgotten).toBe(0);
  });

  it("never forgets a place that a call in flight holds", () => {
    const counts = table({ kind: "concurrency", most: 1 }, 10);
    for (let key = 0; key < 10; key++) take(counts, `k${key}`, 0);
    expect(take(counts, "new", 1e9)).toBe(false);
    counts.dropTask("k3");
    expect(counts.waitMs(counts.find("k3"), 1e9)).toBe(Number.POSITIVE_INFINITY);
    counts.end(at(counts, "k3"), { note: 0, atMs: 0 }, 1e9);
    expect(take(counts, "new", 1e9)).toBe(true);
    expect(counts.size).toBe(10);
  });

  it("forgets a session that made no call for long, and says so", () => {
    const counts = table({ kind: "calls", most: 5, ttlMs: 1e9 }, 16);
    for (let key = 0; key < 16; key++) take(counts, `k${key}`, key + 1);
    expect(take(counts, "new", 100)).toBe(true);
    expect([counts.find("k0"), counts.size, counts.forgotten]).toEqual([-1, 16, 1]);
  });

  it("ends a call whose key was forgotten without touching the key in its place", () => {
    const counts = table({ kind: "calls", most: 1, ttlMs: 1e9 }, 1);
    take(counts, "old", 1);
    const before = at(counts, "old");
    const { slot } = before;
    take(counts, "new", 2);
    expect(counts.find("new")).toBe(slot);
    counts.end(before, { note: 0, atMs: 0 }, 3);
    expect(counts.waitMs(slot, 3)).toBeGreaterThan(0);
  });
});

describe("a table of keys that come and go", () => {
  it("keeps those in use and little more", () => {
    const counts = table(RATE, 10_000);
    for (let key = 0; key < 100_000; key++) take(counts, `k${key}`, key * 10);
    expect(counts.size).toBeLessThan(300); // 100 are in use at any time
  });
});

describe("the gate of limits", () => {
  it("says what to do when an org uses more keys than there is room for", async () => {
    const { guard, clock } = setUp({ limits: ["1/hour per user"] });
    for (let user = 0; user < 10_000; user++) {
      await guard.with({ org: "flood", user: `u${user}` }, () =>
        guard.begin({ kind: "tool", name: "t" }).then((permit) => permit.settle()),
      );
    }
    const one = (org: string) =>
      guard.with({ org, user: "one more" }, () => guard.begin({ kind: "tool", name: "t" }));
    await expect(one("flood")).rejects.toThrow(/BR8001.*no room for another key.*10000.*fewer/);
    await (await one("quiet")).release();
    clock.advance(3_600_000);
    await (await one("flood")).release();
  });

  it("works alone, on the machine's clock", () => {
    const limits = createLimits(["1 at once per user"]);
    expect(limits.look(call(1, "a"))).toBeUndefined();
    const hold = limits.acquire(call(1, "a")) as GateHold;
    expect(limits.acquire(call(2, "a"))).toMatchObject({ code: "BR4002" });
    hold.release(undefined);
    hold.release(undefined);
    expect(limits.acquire(call(3, "a"))).toHaveProperty("release");
    expect(limits.acquire(call(4, "a"))).toMatchObject({ code: "BR4002" });
  });

  it("limits several guards together", async () => {
    const limits = createLimits(["1 at once"]);
    const first = setUp({ limits }).guard;
    const second = setUp({ limits }).guard;
    const open = await first.begin({ kind: "tool", name: "t" });
    await expect(second.begin({ kind: "tool", name: "t" })).rejects.toThrow("BR4002");
    await open.release();
    await (await second.begin({ kind: "tool", name: "t" })).release();
  });
});
