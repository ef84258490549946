import type { Usage } from "@burnrate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";
import { catalogModels, catalogProviders } from "../catalog/catalog.ts";
import { rateCardAt } from "./rate-card.ts";

const AT = Date.parse("2026-10-01T12:00:00Z");
const CARDS = ["anthropic", "openai", "google", "deepseek", "aws", "perplexity", "mistral", "x-ai"]
  .flatMap((provider) => catalogModels(provider).map((model) => rateCardAt(provider, model, AT)))
  .concat(catalogModels("openrouter").map((model) => rateCardAt("openrouter", model, AT)));

const cards = fc.constantFrom(...CARDS);
const tokens = fc.oneof(fc.nat(1_000), fc.nat(300_000), fc.nat(10_000_000));
const amounts = fc.oneof(fc.nat(1_000_000), fc.nat(2_000_000_000), fc.maxSafeNat());

/** Disjoint parts, from which totals that hold them are built. */
const text = fc.record({
  plain: tokens,
  cacheReadTokens: tokens,
  cacheWrite5mTokens: tokens,
  cacheWrite1hTokens: tokens,
  answer: tokens,
  reasoningTokens: tokens,
});
type Parts = typeof text extends fc.Arbitrary<infer T> ? T : never;

function usageOf({ plain, answer, ...details }: Parts): Usage {
  const { cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens, reasoningTokens } = details;
  return {
    ...details,
    inputTokens: plain + cacheReadTokens + cacheWrite5mTokens + cacheWrite1hTokens,
    outputTokens: answer + reasoningTokens,
  };
}

describe("for every card and every usage", () => {
  it("the ceiling of a bound covers what a call within it costs", () => {
    fc.assert(
      fc.property(cards, text, tokens, tokens, (card, parts, moreInput, moreOutput) => {
        const usage = usageOf(parts);
        const ceiling = card.ceiling(
          usage.inputTokens + moreInput,
          usage.outputTokens + moreOutput,
        );
        expect(ceiling).toBeGreaterThanOrEqual(card.cost(usage));
      }),
      { numRuns: 3_000 },
    );
  });

  it("the ceiling covers the day's dearer hours as well", () => {
    const hours = fc.integer({ min: 0, max: 47 }).map((half) => AT + half * 1_800_000);
    const models = fc.constantFrom(...catalogModels("deepseek"));
    fc.assert(
      fc.property(models, hours, hours, text, (model, begun, ended, parts) => {
        if (ended < begun) return;
        const usage = usageOf(parts);
        const reserved = rateCardAt("deepseek", model, begun);
        const settled = rateCardAt("deepseek", model, ended);
        const ceiling = reserved.ceiling(usage.inputTokens, usage.outputTokens);
        expect(ceiling).toBeGreaterThanOrEqual(settled.cost(usage));
      }),
    );
  });

  it("the affordable output is the most that fits an amount", () => {
    fc.assert(
      fc.property(cards, tokens, amounts, (card, input, amount) => {
        const output = card.affordableOutputTokens(input, amount);
        if (output < 0) expect(card.ceiling(input, 0)).toBeGreaterThan(amount);
        else expect(card.ceiling(input, Math.min(output, 1e9))).toBeLessThanOrEqual(amount);
        // Free, or an amount at which every sum saturates: there is no output that is too much.
        const hasEnd = output !== Number.MAX_SAFE_INTEGER && amount !== Number.MAX_SAFE_INTEGER;
        if (output >= 0 && hasEnd) expect(card.ceiling(input, output + 1)).toBeGreaterThan(amount);
      }),
      { numRuns: 3_000 },
    );
  });

  it("a call that uses more of anything never costs less", () => {
    const kinds = fc.constantFrom<keyof Parts>(
      "plain",
      "cacheReadTokens",
      "cacheWrite5mTokens",
      "cacheWrite1hTokens",
      "answer",
      "reasoningTokens",
    );
    fc.assert(
      fc.property(cards, text, kinds, tokens, (card, parts, kind, more) => {
        const larger = { ...parts, [kind]: parts[kind] + more };
        expect(card.cost(usageOf(larger))).toBeGreaterThanOrEqual(card.cost(usageOf(parts)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is a whole number of nano-dollars that is neither negative nor past counting", () => {
    const wild = fc.record({
      inputTokens: fc.maxSafeNat(),
      outputTokens: fc.maxSafeNat(),
      cacheReadTokens: fc.maxSafeNat(),
      cacheWrite1hTokens: tokens,
      audioInputTokens: tokens,
      audioCacheReadTokens: tokens,
      imageOutputTokens: tokens,
      images: fc.nat(10),
      seconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(cards, wild, (card, usage) => {
        expect(Number.isSafeInteger(card.cost(usage))).toBe(true);
        expect(card.cost(usage)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never refunds hostile usage, even unchecked", () => {
    const anything = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(Number.NaN, -1, -1e300));
    const hostile = fc.record({
      inputTokens: anything,
      outputTokens: anything,
      cacheReadTokens: anything,
      reasoningTokens: anything,
      seconds: anything,
      images: anything,
    });
    fc.assert(
      fc.property(cards, hostile, (card, usage) => {
        expect(card.cost(usage)).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(card.cost(usage))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("exactness", () => {
  const rates = fc.nat(400_000_000_000).map((femto) => `${(BigInt(femto) * 1_000n).toString()}e-9`);

  it("agrees with big integers for any price and usage", () => {
    fc.assert(
      fc.property(rates, rates, fc.nat(2_000_000), fc.nat(2_000_000), (input, output, i, o) => {
        const prices = createPriceBook({
          overrides: { "x/y": { inputPerMillionUsd: input, outputPerMillionUsd: output } },
        });
        const femto =
          BigInt(input.slice(0, -3)) * BigInt(i) + BigInt(output.slice(0, -3)) * BigInt(o);
        const nano = Number((femto + 999_999n) / 1_000_000n);
        const cost = prices.resolve("x", "y", AT)?.cost({ inputTokens: i, outputTokens: o });
        expect(cost).toBe(nano);
      }),
      { numRuns: 200 },
    );
  });

  it("rounds once a call: two halves cost at most a nano-dollar more than the whole", () => {
    fc.assert(
      fc.property(cards, fc.nat(50_000), fc.nat(50_000), fc.nat(50_000), (card, a, b, output) => {
        const cost = (inputTokens: number, outputTokens: number) =>
          card.cost({ inputTokens, outputTokens });
        const request = card.cost({ inputTokens: 1, outputTokens: 0 }) > 1e6 ? 1 : 0;
        if (request > 0) return;
        const apart = cost(a, output) + cost(b, 0);
        expect(apart - cost(a + b, output)).toBeGreaterThanOrEqual(0);
        expect(apart - cost(a + b, output)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("covers every provider of the data", () => {
    for (const provider of catalogProviders()) {
      expect(catalogModels(provider).length, provider).toBeGreaterThan(0);
    }
  });
});
