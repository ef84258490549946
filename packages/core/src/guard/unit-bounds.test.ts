import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PriceBook, RateCard, ReportedUsage, UnitBounds } from "../index.ts";
import { account, codeOf, setUp } from "./test-fixture.ts";

/** Of one image, second, character and search unit. */
const NANO = { images: 40_000, seconds: 100, characters: 15, searchUnits: 2_000 };
type Unit = keyof typeof NANO;
const UNITS = Object.keys(NANO) as Unit[];

/** A price book whose models cost so much a token, and by units, whatever their names. */
function pricesOf(nanoPerToken: number): PriceBook {
  const unitCost = (units: UnitBounds): number =>
    UNITS.reduce((sum, unit) => sum + Math.ceil((units[unit] ?? 0) * NANO[unit]), 0);
  const ceiling = (input: number, output: number, units: UnitBounds = {}): number =>
    (input + output) * nanoPerToken + unitCost(units);
  const card: RateCard = {
    provider: "p",
    model: "m",
    maxOutputTokens: 10,
    cost: (usage) => ceiling(usage.inputTokens, usage.outputTokens, usage),
    ceiling,
    affordableOutputTokens: () => 10,
  };
  return { version: "1", resolve: () => card, dearest: () => card, estimateInputTokens: () => 5 };
}

const request = (units: UnitBounds) =>
  ({
    kind: "model",
    name: "m",
    estimate: { inputTokens: 5, maxOutputTokens: 10, ...units },
  }) as const;

async function call(units: UnitBounds, usage: ReportedUsage | undefined, nanoPerToken = 0) {
  const { guard } = setUp({ budgets: ["$1/day"], prices: pricesOf(nanoPerToken) });
  const permit = await guard.begin(request(units));
  permit.dispatched();
  const record = await permit.settle(usage === undefined ? {} : { usage });
  return { record, status: await account(guard) };
}

describe("a call that says how many images, seconds, characters or search units it may use", () => {
  const bounds = fc.record({
    images: fc.nat(9),
    seconds: fc.double({ min: 0, max: 9_000, noNaN: true }),
    characters: fc.nat(9_000),
    searchUnits: fc.nat(9),
  });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const shares = fc.record({
    images: share,
    seconds: share,
    characters: share,
    searchUnits: share,
  });

  it("is reserved for them, and never charged more while it stays within them", async () => {
    await fc.assert(
      fc.asyncProperty(bounds, shares, fc.constantFrom(0, 3), async (units, part, nano) => {
        const usage: ReportedUsage = {
          inputTokens: 5,
          outputTokens: 2,
          images: Math.floor(units.images * part.images),
          seconds: units.seconds * part.seconds,
          characters: Math.floor(units.characters * part.characters),
          searchUnits: Math.floor(units.searchUnits * part.searchUnits),
        };
        const { record, status } = await call(units, usage, nano);
        expect(record.reservedNanoUsd).toBeGreaterThanOrEqual(record.costNanoUsd ?? Number.NaN);
        expect(status.settled).toBe(record.costNanoUsd);
        expect(status.held).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it.each(UNITS)("is refused when a budget does not have the %s", async (unit) => {
    const { guard } = setUp({ budgets: ["$0.001/day"], prices: pricesOf(0) });
    const most = Math.floor(1_000_000 / NANO[unit]);
    expect(await codeOf(guard.begin(request({ [unit]: most + 1 })))).toBe("BR2001");
    expect(await codeOf(guard.begin(request({ [unit]: most })))).toBeUndefined();
  });

  it("is charged for what it used beyond them, and the account is over", async () => {
    const { guard } = setUp({ budgets: ["$0.0001/day"], prices: pricesOf(0) });
    const permit = await guard.begin(request({ images: 2 }));
    permit.dispatched();
    expect((await permit.settle({ usage: { images: 3 } })).costNanoUsd).toBe(120_000);
    expect(await account(guard)).toMatchObject({ settled: 120_000, held: 0, state: "over" });
    expect(await codeOf(guard.begin(request({ images: 1 })))).toBe("BR2001");
  });

  it("is charged all of them when nobody says what it used", async () => {
    const { record } = await call({ images: 2, characters: 100 }, undefined);
    expect(record).toMatchObject({
      costNanoUsd: 81_500,
      usage: { images: 2, characters: 100 },
      usageSource: "estimated",
    });
  });

  it("is charged for the one that its usage leaves out as it was reserved", async () => {
    const { record } = await call({ seconds: 60 }, { inputTokens: 5, outputTokens: 2 });
    expect(record.costNanoUsd).toBe(6_000);
    expect(record.usage).toEqual({ inputTokens: 5, outputTokens: 2 });
  });

  it.each<[string, UnitBounds]>([
    ["a negative number of images", { images: -1 }],
    ["half a character", { characters: 0.5 }],
    ["NaN seconds", { seconds: Number.NaN }],
    ["endless seconds", { seconds: Number.POSITIVE_INFINITY }],
    ["text for a number", { searchUnits: "1" as never }],
    ["an empty text of seconds", { seconds: "" as never }],
    ["a symbol of seconds", { seconds: Symbol("1") as never }],
    ["more audio than can be counted", { audioInputTokens: 1e300 }],
  ])("is refused with %s", async (_name, units) => {
    const { guard } = setUp({ budgets: ["$1/day"], prices: pricesOf(0) });
    expect(await codeOf(guard.begin(request(units)))).toBe("BR9001");
    expect((await account(guard)).held).toBe(0);
  });
});

describe("usage that counts no tokens", () => {
  it("is what the provider said, where tokens cost nothing", async () => {
    const { record } = await call({ images: 2 }, { images: 1 });
    expect(record).toMatchObject({ costNanoUsd: 40_000, usageSource: "provider" });
    expect(record.usage.images).toBe(1);
  });

  it("is charged the tokens that were reserved where they have a price, as an estimate", async () => {
    const { record } = await call({ images: 2 }, { images: 1 }, 3);
    expect(record).toMatchObject({
      costNanoUsd: 40_000 + 15 * 3,
      usage: { inputTokens: 5, outputTokens: 10, images: 1 },
      usageSource: "estimated",
    });
  });

  it("is an estimate where nobody knows the price, because its tokens are", async () => {
    const { guard } = setUp();
    const permit = await guard.begin({ kind: "model", name: "unheard-of", input: "a house" });
    permit.dispatched();
    const record = await permit.settle({ usage: { images: 2 } });
    expect(record).toMatchObject({ costNanoUsd: undefined, usageSource: "estimated" });
    expect(record.usage.images).toBe(2);
  });

  it.each<[string, unknown]>([
    ["a negative count", { images: -1 }],
    ["half a search unit", { searchUnits: 0.5 }],
    ["a total without the other", { outputTokens: 3, images: 1 }],
    ["nothing at all", {}],
  ])("is unusable with %s: the whole reservation is charged", async (_name, usage) => {
    const { record } = await call({ images: 2 }, usage as ReportedUsage, 3);
    expect(record).toMatchObject({ costNanoUsd: 80_045, usageSource: "estimated" });
    expect(record.usageAnomaly).toMatch(/inputTokens/);
  });
});
