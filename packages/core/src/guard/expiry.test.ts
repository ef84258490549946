import { describe, expect, it } from "vitest";
import type { Guard } from "../index.ts";
import {
  account,
  bookkeeping,
  codeOf,
  model,
  RATES,
  settled,
  setUp,
  tool,
  used,
} from "./test-fixture.ts";

const WHOLE = 10 * RATES.input + 10 * RATES.output;
const SWEPT_MS = 1_400_000;

async function charged(guard: Guard): Promise<number> {
  const { settled: sure, unknown } = await account(guard);
  return sure + unknown;
}

describe("a call that nothing ends", () => {
  it("is given back when it was never sent, with a record that says so", async () => {
    const { guard, clock, records } = setUp({ budgets: ["$1"] });
    const expired: unknown[] = [];
    guard.on("reservation-expired", (event) => expired.push(event));
    const { id } = await guard.begin(model(10, 10));
    clock.advance(59_999);
    expect(await account(guard)).toMatchObject({ held: WHOLE });
    clock.advance(60_001);
    expect(await account(guard)).toMatchObject({ held: 0, settled: 0, unknown: 0 });
    expect(expired).toEqual([{ id, name: "gpt-5-mini", as: "released" }]);
    expect(records).toMatchObject([{ id, outcome: "released", costNanoUsd: 0 }]);
  });

  it("is charged in full when it was sent, with a record that says so", async () => {
    const { guard, clock, records } = setUp({ budgets: ["$1"] });
    const books = bookkeeping(guard);
    (await guard.begin(model(10, 10))).dispatched();
    clock.advance(SWEPT_MS);
    expect(await account(guard)).toMatchObject({ held: 0, settled: 0, unknown: WHOLE });
    expect(records).toMatchObject([
      { outcome: "unknown", usageSource: "estimated", costNanoUsd: WHOLE },
    ]);
    expect(books.cost()).toBe(WHOLE);
    expect(guard.metrics().calls).toEqual({ settled: 1, refused: 0, inFlight: 0 });
  });

  it("is corrected by a late end, once, and the books agree before and after", async () => {
    const { guard, clock, records } = setUp({ budgets: ["$1"] });
    const books = bookkeeping(guard);
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    clock.advance(SWEPT_MS);
    expect(await charged(guard)).toBe(books.cost());
    const record = await permit.settle(used(10, 1));
    expect(await permit.fail(new Error("again"))).toBe(record);
    expect(await account(guard)).toMatchObject({ unknown: 0, settled: 4_500 });
    expect(books.cost()).toBe(4_500);
    expect(books.corrections).toEqual([record]);
    expect(records).toHaveLength(1);
    expect(guard.metrics().calls.settled).toBe(1);
  });

  it("is corrected once, also when whoever hears of its expiry ends it at once", async () => {
    const { clock, guard, records } = setUp({ budgets: ["$1"] });
    const books = bookkeeping(guard);
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    guard.on("reservation-expired", () => void permit.settle(used(10, 1)));
    clock.advance(2 * 600_000);
    await settled();
    expect(records.map(({ outcome }) => outcome)).toEqual(["unknown"]);
    expect(books.corrections.map(({ outcome }) => outcome)).toEqual(["success"]);
    expect((await account(guard)).settled).toBe(books.cost());
  });

  it("counts in the indicators when it ends, and once", async () => {
    const { guard, clock } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    clock.advance(SWEPT_MS);
    const counts = () => guard.metrics().totals.slis.call_success;
    expect(counts()).toMatchObject({ good: 0, bad: 0, excluded: 0 });
    await permit.settle(used(10, 1));
    expect(counts()).toMatchObject({ good: 1, bad: 0, excluded: 0 });
  });

  it("costs its task what it costs the budget, also after a correction", async () => {
    const { guard, clock } = setUp({ budgets: ["$1"] });
    const costs: unknown[] = [];
    guard.on("task-ended", ({ costNanoUsd }) => costs.push(costNanoUsd));
    for (const late of [false, true]) {
      await guard.task({}, async () => {
        const permit = await guard.begin(model(10, 10));
        permit.dispatched();
        clock.advance(SWEPT_MS);
        if (late) await permit.settle(used(10, 1));
      });
    }
    expect(costs).toEqual([WHOLE, 4_500]);
  });

  it("leaves open what its task cost where its price is not known", async () => {
    const { guard, clock } = setUp();
    const costs: unknown[] = [];
    guard.on("task-ended", ({ costNanoUsd }) => costs.push(costNanoUsd));
    await guard.task({}, async () => {
      (await guard.begin({ kind: "model", name: "made-up-9" })).dispatched();
      clock.advance(SWEPT_MS);
    });
    expect(costs).toEqual([undefined]);
    expect(guard.metrics().totals.costPerTask).toBeUndefined();
  });

  it("keeps being watched while its stream makes progress", async () => {
    const { guard, clock, records } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    for (let chunk = 1; chunk <= 9; chunk++) {
      clock.advance(500_000);
      permit.progress({ outputTokens: chunk });
    }
    expect(records).toEqual([]);
    await permit.settle(used(10, 9));
    expect(records).toMatchObject([{ outcome: "success" }]);
  });

  it("crosses the thresholds of its accounts", async () => {
    const at = [{ fraction: 0.5, do: "kill" as const }];
    const { guard, clock } = setUp({
      budgets: [{ id: "b", limit: { calls: 2 }, window: "total", at }],
    });
    (await guard.begin(model(1, 1))).dispatched();
    clock.advance(SWEPT_MS);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
  });

  it("charges a tool its price", async () => {
    const { guard, clock, records } = setUp({ budgets: ["$1"] });
    (await guard.begin(tool("search", 0.01))).dispatched();
    clock.advance(SWEPT_MS);
    expect(await account(guard)).toMatchObject({ unknown: 10_000_000 });
    expect(records).toMatchObject([{ costNanoUsd: 10_000_000, usageSource: "estimated" }]);
  });

  it("follows the reservation options", async () => {
    const { guard, clock } = setUp({
      budgets: ["$1"],
      reservation: { undispatchedTtlMs: 1_000, dispatchedTtlMs: 2_000 },
    });
    await guard.begin(model(10, 10));
    (await guard.begin(model(10, 10))).dispatched();
    clock.advance(1_000);
    expect(await account(guard)).toMatchObject({ held: WHOLE });
    clock.advance(2_000);
    expect(await account(guard)).toMatchObject({ held: 0, unknown: WHOLE });
  });
});

describe("a permit whose reservation was given back", () => {
  async function expiredPermit(budgets: readonly string[] = ["$1"]) {
    const world = setUp({ budgets });
    const books = bookkeeping(world.guard);
    const permit = await world.guard.begin(model(10, 10));
    world.clock.advance(120_001);
    return { ...world, books, permit };
  }

  it("may not be sent any more", async () => {
    const { permit } = await expiredPermit();
    expect(() => permit.dispatched()).toThrow(/BR2001.*expired/);
  });

  it("charges what was really used all the same, in every unit", async () => {
    const { guard, permit, books } = await expiredPermit(["$1", "100 tokens", "5 calls"]);
    await permit.settle(used(10, 4));
    const [money, tokens, calls] = await guard.budgets();
    expect(money).toMatchObject({ settled: 10 * RATES.input + 4 * RATES.output, held: 0 });
    expect(tokens).toMatchObject({ settled: 14, held: 0 });
    expect(calls).toMatchObject({ settled: 1, held: 0 });
    expect(books.cost()).toBe(money?.settled);
  });

  it("takes the account over its limit rather than lose the truth", async () => {
    const { guard, permit } = await expiredPermit(["$0.0001"]);
    const other = await guard.begin(model(0, 50));
    other.dispatched();
    await other.settle(used(0, 50));
    expect(await account(guard)).toMatchObject({ remaining: 0, state: "exhausted" });
    await permit.settle(used(10, 10));
    expect(await account(guard)).toMatchObject({ settled: 100_000 + WHOLE, state: "over" });
    expect(await codeOf(guard.begin(model(0, 1)))).toBe("BR2001");
  });

  it("is charged also where the account is over its limit already", async () => {
    const { guard, permit } = await expiredPermit(["$0.0001", "1k tokens"]);
    const other = await guard.begin(model(0, 10));
    other.dispatched();
    await other.settle(used(0, 60));
    await permit.settle(used(10, 10));
    expect(guard.metrics().dropped.settlements).toBe(0);
    expect(await account(guard, "1k tokens")).toMatchObject({ settled: 80 });
    const cost = 60 * RATES.output + 10 * RATES.input + 10 * RATES.output;
    expect(await account(guard, "$0.0001")).toMatchObject({ settled: cost, state: "over" });
  });

  it("costs nothing when it turns out that nothing was sent, and changes no record", async () => {
    const { guard, permit, books, records } = await expiredPermit();
    expect(await permit.release()).toBe(records[0]);
    expect(await permit.fail(new Error("x"))).toBe(records[0]);
    expect(await account(guard)).toMatchObject({ settled: 0, held: 0 });
    expect(books.corrections).toEqual([]);
  });

  it("charges the window in which it began", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] }, Date.UTC(2026, 0, 1, 23, 59));
    const permit = await guard.begin(model(10, 10));
    clock.advance(120_001);
    await permit.settle(used(10, 4));
    expect(await account(guard)).toMatchObject({ settled: 0, held: 0 });
  });
});

describe("exporters", () => {
  it("hear of a correction when they can take one, and their errors are only counted", async () => {
    const seen: string[] = [];
    const { guard, clock } = setUp({
      budgets: ["$1"],
      exporters: [
        {
          name: "both",
          exportCall: ({ outcome }) => seen.push(outcome),
          correctCall: (record, before) => seen.push(`${before.outcome} to ${record.outcome}`),
        },
        { name: "broken", exportCall: () => Promise.reject(new Error("down")) as never },
        {
          name: "throws",
          exportCall: () => {
            throw new Error("down");
          },
        },
      ],
    });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    clock.advance(SWEPT_MS);
    await permit.settle(used(10, 1));
    await settled();
    expect(seen).toEqual(["unknown", "unknown to success"]);
    expect(guard.metrics().dropped.exporterErrors).toBe(2);
  });
});
