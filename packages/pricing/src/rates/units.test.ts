import type { UnitBounds, Usage } from "@burnrate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";
import { catalogModels } from "../catalog/catalog.ts";
import type { PriceOverride } from "../overrides/override.ts";
import { rateCardAt } from "./rate-card.ts";

const AT = Date.parse("2026-10-01T12:00:00Z");

const usd = fc.nat(50_000_000).map((femto) => `${femto}e-12`);
const somePrice = fc.option(usd, { nil: undefined });
const UNIT_PRICES = {
  perRequestUsd: somePrice,
  perImageUsd: somePrice,
  perSecondUsd: somePrice,
  perCharacterUsd: somePrice,
  perSearchUnitUsd: somePrice,
};
const tokenPriced: fc.Arbitrary<PriceOverride> = fc.record({
  ...UNIT_PRICES,
  inputPerMillionUsd: fc.integer({ min: 0, max: 50 }),
  outputPerMillionUsd: fc.integer({ min: 0, max: 50 }),
  audioInputPerMillionUsd: fc.integer({ min: 0, max: 200 }),
  imageInputPerMillionUsd: fc.integer({ min: 0, max: 200 }),
}) as never;
const unitPriced: fc.Arbitrary<PriceOverride> = fc
  .record(UNIT_PRICES)
  .filter((prices) => Object.values(prices).some((price) => price !== undefined)) as never;

const own = fc.oneof(tokenPriced, unitPriced).map((override) => {
  const given = Object.entries(override).filter(([, price]) => price !== undefined);
  return createPriceBook({ overrides: { "x/y": Object.fromEntries(given) } }).resolve("x", "y", AT);
});
const listed = fc.constantFrom(
  ...["openai", "groq", "google", "mistral", "aws"].flatMap((provider) =>
    catalogModels(provider).map((model) => rateCardAt(provider, model, AT)),
  ),
);
const cards = fc.oneof(own, listed);

const count = fc.nat(500);
const seconds = fc.double({ min: 0, max: 20_000, noNaN: true });
const parts = fc.record({ text: count, audio: count, image: count, output: count });
const units = fc.record({ images: count, seconds, characters: count, searchUnits: count });

describe("for every card, and a call that says what it uses beside text", () => {
  it("what is reserved covers every usage within it", () => {
    fc.assert(
      fc.property(cards, parts, units, units, parts, (card, used, usedUnits, more, extra) => {
        const usage: Usage = {
          ...usedUnits,
          inputTokens: used.text + used.audio + used.image,
          audioInputTokens: used.audio,
          imageInputTokens: used.image,
          outputTokens: used.output,
        };
        const bounds: UnitBounds = {
          images: usedUnits.images + more.images,
          seconds: usedUnits.seconds + more.seconds,
          characters: usedUnits.characters + more.characters,
          searchUnits: usedUnits.searchUnits + more.searchUnits,
          audioInputTokens: used.audio + extra.audio,
          imageInputTokens: used.image + extra.image,
        };
        const input = usage.inputTokens + extra.text;
        const reserved = card?.ceiling(input, used.output + extra.output, bounds);
        expect(reserved).toBeGreaterThanOrEqual(card?.cost(usage) ?? Number.NaN);
      }),
      { numRuns: 3_000 },
    );
  });

  it("the affordable output is the most that fits beside them", () => {
    fc.assert(
      fc.property(cards, units, count, fc.nat(2_000_000_000), (card, bounds, input, amount) => {
        if (card === undefined) return;
        const output = card.affordableOutputTokens(input, amount, bounds);
        if (output < 0) expect(card.ceiling(input, 0, bounds)).toBeGreaterThan(amount);
        else expect(card.ceiling(input, Math.min(output, 1e9), bounds)).toBeLessThanOrEqual(amount);
        if (output < 0 || output === Number.MAX_SAFE_INTEGER) return;
        expect(card.ceiling(input, output + 1, bounds)).toBeGreaterThan(amount);
      }),
      { numRuns: 2_000 },
    );
  });
});

it("characters and search units are counted exactly, whatever they cost", () => {
  const femto = fc.nat(2_000_000_000);
  fc.assert(
    fc.property(femto, femto, fc.nat(5_000_000), fc.nat(1_000), (a, b, characters, searchUnits) => {
      const prices = createPriceBook({
        overrides: { "x/y": { perCharacterUsd: `${a}e-15`, perSearchUnitUsd: `${b}e-15` } },
      });
      const sum = BigInt(a) * BigInt(characters) + BigInt(b) * BigInt(searchUnits);
      const usage = { inputTokens: 0, outputTokens: 0, characters, searchUnits };
      const cost = prices.resolve("x", "y", AT)?.cost(usage);
      expect(cost).toBe(Number((sum + 999_999n) / 1_000_000n));
    }),
    { numRuns: 300 },
  );
});

describe("a call is reserved at what it asks for", () => {
  const card = (override: PriceOverride) =>
    createPriceBook({ overrides: { "x/y": override } }).resolve("x", "y", AT);

  it("two images, ninety seconds, a thousand characters, three search units", () => {
    expect(card({ perImageUsd: "0.04" })?.ceiling(9, 9, { images: 2 })).toBe(80_000_000);
    expect(card({ perSecondUsd: "0.0001" })?.ceiling(9, 9, { seconds: 90 })).toBe(9_000_000);
    const spoken = card({ perCharacterUsd: "0.000015" });
    expect(spoken?.ceiling(9, 9, { characters: 1_000 })).toBe(15_000_000);
    const ranked = card({ perSearchUnitUsd: "0.002" });
    expect(ranked?.ceiling(9, 9, { searchUnits: 3 })).toBe(6_000_000);
  });

  it("and at an image, an hour, 40,000 characters or one search unit where it does not say", () => {
    expect(card({ perImageUsd: "0.04" })?.ceiling(9, 9)).toBe(40_000_000);
    expect(card({ perSecondUsd: "0.0001" })?.ceiling(9, 9)).toBe(360_000_000);
    expect(card({ perCharacterUsd: "0.000015" })?.ceiling(9, 9)).toBe(600_000_000);
    expect(card({ perSearchUnitUsd: "0.002" })?.ceiling(9, 9)).toBe(2_000_000);
  });

  it("and tokens that may be audio at the dearer rate of audio", () => {
    const prices = { inputPerMillionUsd: 1, outputPerMillionUsd: 1 };
    const heard = card({ ...prices, audioInputPerMillionUsd: 40 });
    expect(heard?.ceiling(100, 0)).toBe(100_000);
    expect(heard?.ceiling(100, 0, { audioInputTokens: 60 })).toBe(2_440_000);
    expect(heard?.ceiling(100, 0, { audioInputTokens: 1_000 })).toBe(4_000_000);
  });
});
