import type { RateCard } from "@burnrate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";
import { estimateInputTokens } from "../estimate/estimate-input-tokens.ts";
import { createCalibratedEstimator } from "./calibrated-tokens.ts";
import { ModelRatiosCache } from "./model-ratios.ts";
import { FLOOR } from "./ratio-quantile.ts";

const AT = Date.UTC(2026, 9, 1);
const MIN_OBSERVATIONS = 200;
const prices = createPriceBook();
const cardOf = (model: string): RateCard => {
  const card = prices.resolve("openai", model, AT);
  if (card === undefined) throw new Error(`no ${model}`);
  return card;
};
const GPT_5 = cardOf("gpt-5");
const text = (length: number): object => ({
  messages: [{ role: "user", content: "x".repeat(length) }],
});
const INPUT = text(2_000);
const BOUND = estimateInputTokens(INPUT);

type Estimator = ReturnType<typeof createCalibratedEstimator>;

/** Calls of `input` that turn out to have this many tokens. */
function learn(estimator: Estimator, actual: number, times = MIN_OBSERVATIONS, input = INPUT) {
  for (let i = 0; i < times; i++) {
    estimator.observe(GPT_5, estimator.estimateInputTokens(input, GPT_5), actual);
  }
  return estimator.estimateInputTokens(input, GPT_5);
}

describe("what a call reserves for its input, once calls like it were seen", () => {
  it("is the byte bound for the first 199 calls, and near the truth from then on", () => {
    const estimator = createCalibratedEstimator();
    expect(learn(estimator, 500, MIN_OBSERVATIONS - 1)).toBe(BOUND);
    const after = learn(estimator, 500, 1);
    expect(after).toBeGreaterThanOrEqual(500 * 1.1 - 1);
    expect(after).toBeLessThan(500 * 1.1 * 2 ** (1 / 8) + 2);
  });

  it("is learnt for each model, size and kind of content, and kept when a price changes", () => {
    const estimator = createCalibratedEstimator();
    const learnt = learn(estimator, 500);
    const image = { type: "image_url", image_url: "https://example.com/a.png" };
    const others: unknown[] = [
      text(50_000),
      { ...INPUT, tools: [] },
      { messages: [{ role: "user", content: [{ type: "text", text: "x" }, image] }] },
    ];
    for (const other of others) {
      expect(estimator.estimateInputTokens(other, GPT_5)).toBe(estimateInputTokens(other));
    }
    expect(estimator.estimateInputTokens(INPUT, cardOf("gpt-5-mini"))).toBe(BOUND);
    expect(estimator.estimateInputTokens(INPUT)).toBe(BOUND);
    expect(estimator.estimateInputTokens(INPUT, { ...GPT_5 })).toBe(learnt);
  });

  it("knows an image in a message that it remembers", () => {
    const estimator = createCalibratedEstimator();
    const image = { type: "image_url", image_url: "https://example.com/a.png" };
    const message = { role: "user", content: [image] };
    const input = { messages: [message, message] };
    const bound = estimator.estimateInputTokens(input, GPT_5);
    const learnt = learn(estimator, Math.ceil(bound / 4), MIN_OBSERVATIONS, input);
    expect(learnt).toBeLessThan(bound / 3);
    const asLong = text(bound - estimateInputTokens(text(0)));
    expect(estimator.estimateInputTokens(asLong, GPT_5)).toBe(bound);
  });

  it("rises at once when a call had more than was estimated", () => {
    const estimator = createCalibratedEstimator();
    expect(learn(estimator, 300)).toBeLessThan(400);
    expect(learn(estimator, 900, 1)).toBeGreaterThan(900);
  });

  it("follows its traffic down again after some thousand calls", () => {
    const estimator = createCalibratedEstimator();
    learn(estimator, 1_500, 300);
    expect(learn(estimator, 300, 5_000)).toBeGreaterThan(1_500);
    expect(learn(estimator, 300, 60_000)).toBeLessThan(400);
  });
});

describe("reports that are wrong", () => {
  it("change nothing when they are no count", () => {
    const estimator = createCalibratedEstimator();
    for (const actual of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "9" as never]) {
      expect(learn(estimator, actual)).toBe(BOUND);
    }
  });

  it("of calls that it never estimated change nothing", () => {
    const estimator = createCalibratedEstimator();
    for (let i = 0; i < 1_000; i++) estimator.observe(GPT_5, 1_000 + i, 1);
    for (const odd of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
      estimator.observe(GPT_5, odd, 1);
    }
    expect(estimator.estimateInputTokens(INPUT, GPT_5)).toBe(BOUND);
  });

  it("of another model's calls change nothing", () => {
    const estimator = createCalibratedEstimator();
    const other = cardOf("gpt-5-mini");
    for (let i = 0; i < MIN_OBSERVATIONS; i++) {
      estimator.observe(other, estimator.estimateInputTokens(INPUT, GPT_5), 500);
    }
    expect(estimator.estimateInputTokens(INPUT, other)).toBe(BOUND);
  });

  it("one that is too low among honest ones lowers nothing", () => {
    const estimator = createCalibratedEstimator();
    const honest = learn(estimator, 700, 1_000);
    expect(learn(estimator, 1, 1)).toBe(honest);
  });

  it("all of them too low lower it to a sixteenth of the bound, and no further", () => {
    const estimator = createCalibratedEstimator();
    const least = learn(estimator, 1, 20_000);
    expect(least).toBeGreaterThanOrEqual(BOUND * FLOOR);
    expect(least).toBeLessThan(BOUND * FLOOR * 1.3);
  });

  it("never take it above the byte bound, nor below the floor; a high one never lowers it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3 * BOUND }), { minLength: 200, maxLength: 400 }),
        fc.nat(2 * BOUND),
        (reports, above) => {
          const estimator = createCalibratedEstimator();
          for (const report of reports) learn(estimator, report, 1);
          const before = estimator.estimateInputTokens(INPUT, GPT_5);
          expect(before).toBeLessThanOrEqual(BOUND);
          expect(before).toBeGreaterThanOrEqual(BOUND * FLOOR);
          expect(learn(estimator, Math.max(...reports) + above, 1)).toBeGreaterThanOrEqual(before);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe("memory", () => {
  it("is bounded however many models are named", () => {
    const models = new ModelRatiosCache(10);
    const first = models.of({ ...GPT_5, model: "kept" });
    for (let i = 0; i < 1_000; i++) {
      models.of({ ...GPT_5, model: `model-${i}` });
      expect(models.of({ ...GPT_5, model: "kept" })).toBe(first);
      expect(models.size).toBeLessThanOrEqual(10);
    }
  });

  it("a thousand calls in flight are each found again", () => {
    const estimator = createCalibratedEstimator();
    const inputs = Array.from({ length: 1_000 }, (_, i) => text(1_024 + i));
    const estimates = inputs.map((input) => estimator.estimateInputTokens(input, GPT_5));
    for (const estimate of estimates) estimator.observe(GPT_5, estimate, Math.ceil(estimate / 4));
    expect(estimator.estimateInputTokens(INPUT, GPT_5)).toBeLessThan(BOUND / 3);
  });
});
