import { isGuardError } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";
import type { PriceOverride } from "./override.ts";

const AT = Date.parse("2026-10-01T12:00:00Z");

function card(key: string, override: PriceOverride, model = key) {
  const book = createPriceBook({ overrides: { [key]: override } });
  const slash = model.indexOf("/");
  const found = book.resolve(model.slice(0, slash), model.slice(slash + 1), AT);
  if (found === undefined) throw new Error(`${model} is unknown`);
  return found;
}

describe("an override", () => {
  it("adds a model with everything that it can have", () => {
    const added = card("openai/gpt-9", {
      inputPerMillionUsd: 2,
      cacheReadPerMillionUsd: 0.2,
      cacheWrite5mPerMillionUsd: "2.5",
      cacheWrite1hPerMillionUsd: "4.00",
      outputPerMillionUsd: 10,
      reasoningPerMillionUsd: 12,
      audioInputPerMillionUsd: 30,
      audioOutputPerMillionUsd: 60,
      imageInputPerMillionUsd: 5,
      imageOutputPerMillionUsd: 40,
      perRequestUsd: "0.001",
      perImageUsd: 0.04,
      perSecondUsd: "0.0001",
      maxOutputTokens: 64_000,
      maxInputTokens: 400_000,
    });
    const cost = added.cost({
      inputTokens: 100,
      cacheReadTokens: 10,
      cacheWrite5mTokens: 10,
      cacheWrite1hTokens: 10,
      audioInputTokens: 10,
      imageInputTokens: 10,
      outputTokens: 100,
      reasoningTokens: 10,
      audioOutputTokens: 10,
      imageOutputTokens: 10,
      images: 2,
      seconds: 1.5,
    });
    const input = 50 * 2 + 10 * 0.2 + 10 * 2.5 + 10 * 4 + 10 * 30 + 10 * 5;
    const output = 70 * 10 + 10 * 12 + 10 * 60 + 10 * 40;
    expect(cost).toBe((input + output) * 1_000 + 1_000_000 + 80_000_000 + 150_000);
    expect(added).toMatchObject({ maxOutputTokens: 64_000, maxInputTokens: 400_000 });
  });

  it.each([
    "openai/ft:gpt-4o-mini-2024-07-18:acme::7qTVM5AR",
    "openai/ft:gpt-9:acme::7qTVM5AR",
    "google/models/gemini-2.5-pro",
    "google/publishers/google/models/gemini-9",
    "aws/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
  ])("holds for the very id that it names, whatever is wrapped around a known one: %s", (key) => {
    const own = card(key, { inputPerMillionUsd: 123, outputPerMillionUsd: 456 });
    expect(own.cost({ inputTokens: 1_000, outputTokens: 0 })).toBe(123_000_000);
  });

  it.each([
    ["xai/grok-4-0709", "x-ai/grok-4"],
    ["mistral/mistral-large", "mistral/mistral-large-latest"],
    ["mistral/Mistral-Large", "/mistral-large-latest"],
  ])("of the id that records show (%s) holds for the model's other names: %s", (key, called) => {
    const own = card(key, { inputPerMillionUsd: 123 }, called);
    expect(own.cost({ inputTokens: 1_000, outputTokens: 0 })).toBe(123_000_000);
  });

  it("of another name leaves the model as it is where it is called by its own", () => {
    const key = "x-ai/grok-4";
    const own = card(key, { inputPerMillionUsd: 123 }, "x-ai/grok-4-0709");
    expect(own.cost({ inputTokens: 1_000, outputTokens: 0 })).toBe(3_000_000);
  });

  it("takes a price that somebody computed for what was meant", () => {
    const marked = card("x/y", { inputPerMillionUsd: 1.25 * 1.1, outputPerMillionUsd: 0.1 + 0.2 });
    expect(marked.cost({ inputTokens: 1_000, outputTokens: 1_000 })).toBe(1_375_000 + 300_000);
  });

  it("keeps 2 million tokens at 200 dollars a million exact", () => {
    const dear = card("x/y", { inputPerMillionUsd: "200", outputPerMillionUsd: 200 });
    expect(dear.cost({ inputTokens: 2_000_000, outputTokens: 0 })).toBe(400_000_000_000);
    expect(dear.cost({ inputTokens: 1_999_999, outputTokens: 1 })).toBe(400_000_000_000);
  });

  it("sums fractions of a nano-dollar before it rounds them up, once", () => {
    const fine = card("x/y", {
      inputPerMillionUsd: 0.0375,
      outputPerMillionUsd: "0.000000001",
    });
    expect(fine.cost({ inputTokens: 1, outputTokens: 0 })).toBe(38);
    expect(fine.cost({ inputTokens: 2, outputTokens: 0 })).toBe(75);
    expect(fine.cost({ inputTokens: 0, outputTokens: 1 })).toBe(1);
    expect(fine.cost({ inputTokens: 0, outputTokens: 1_000_000 })).toBe(1);
    expect(fine.cost({ inputTokens: 1, outputTokens: 500_000 })).toBe(38);
    expect(fine.cost({ inputTokens: 1, outputTokens: 500_001 })).toBe(39);
  });

  it("changes one price or limit of a known model and leaves the others", () => {
    const changed = card("openai/gpt-5", { outputPerMillionUsd: 8, maxOutputTokens: 1_000 });
    expect(changed.cost({ inputTokens: 1, outputTokens: 1 })).toBe(1_250 + 8_000);
    expect(changed.maxOutputTokens).toBe(1_000);
    expect(changed.maxInputTokens).toBe(400_000);
  });

  it("leaves a snapshot alone that has a price of its own", () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0 };
    const changed = { "openai/gpt-4o": { inputPerMillionUsd: 1 } } as const;
    const book = createPriceBook({ overrides: changed });
    expect(book.resolve("openai", "gpt-4o-2024-08-06", AT)?.cost(usage)).toBe(1e9);
    expect(book.resolve("openai", "gpt-4o-2024-05-13", AT)?.cost(usage)).toBe(5e9);
    const own = createPriceBook({
      overrides: { ...changed, "openai/gpt-4o-2024-05-13": { inputPerMillionUsd: 4 } },
    });
    expect(own.resolve("openai", "gpt-4o-2024-05-13", AT)?.cost(usage)).toBe(4e9);
  });

  it("leaves such a snapshot alone behind a gateway that charges another's list prices, too", () => {
    const usage = { inputTokens: 1_000_000, outputTokens: 0 };
    const changed = { extends: "openai/gpt-4o", inputPerMillionUsd: 1 };
    const book = createPriceBook({
      providers: { "my-gateway": "openai" },
      overrides: { "my-gateway/gpt-4o": changed },
    });
    expect(book.resolve("my-gateway", "gpt-4o-2024-08-06", AT)?.cost(usage)).toBe(1e9);
    expect(book.resolve("my-gateway", "gpt-4o-2024-05-13", AT)?.cost(usage)).toBe(5e9);
    expect(book.resolve("", "gpt-4o-2024-05-13", AT)?.cost(usage)).toBe(5e9);
  });

  it("holds in every tier", () => {
    const changed = card("anthropic/claude-sonnet-4-5", { inputPerMillionUsd: 1 });
    expect(changed.cost({ inputTokens: 250_000, outputTokens: 0 })).toBe(250_000_000);
    expect(changed.cost({ inputTokens: 250_000, outputTokens: 1 })).toBe(250_022_500);
  });

  it("extends a model under a new name, with aliases and snapshots", () => {
    const override = { extends: "openai/gpt-5", cacheReadPerMillionUsd: 1, aliases: ["Quick"] };
    expect(card("fake/fast", override).cost({ inputTokens: 1, outputTokens: 0 })).toBe(1_250);
    expect(card("fake/fast", override, "fake.chat/quick").model).toBe("fast");
    expect(card("fake/fast", override, "fake/fast-2026-01-01").model).toBe("fast");
    expect(() => card("fake/fast", override, "other/fast")).toThrow("unknown");
  });

  it("is found without a provider when only one has the name", () => {
    const override = { inputPerMillionUsd: 1, outputPerMillionUsd: 1 };
    const one = createPriceBook({ overrides: { "a/m": override } });
    const two = createPriceBook({ overrides: { "a/m": override, "b/m": override } });
    expect(one.resolve("", "m", AT)?.provider).toBe("a");
    expect(two.resolve("", "m", AT)).toBeUndefined();
  });

  it("falls back to the dearer plausible price", () => {
    const plain = card("x/y", { inputPerMillionUsd: 3, outputPerMillionUsd: 15 });
    const usage = {
      inputTokens: 4,
      cacheReadTokens: 1,
      cacheWrite5mTokens: 1,
      cacheWrite1hTokens: 1,
    };
    expect(plain.cost({ ...usage, outputTokens: 1, reasoningTokens: 1 })).toBe(12_000 + 15_000);
    const claude = card("anthropic/claude-x", { inputPerMillionUsd: 3, outputPerMillionUsd: 15 });
    expect(claude.cost({ ...usage, outputTokens: 0 })).toBe(3 * 3_000 + 6_000);
  });

  it("bills an hour or an image when a model that is billed so does not say", () => {
    const timed = card("x/y", { perSecondUsd: 0.01 });
    expect(timed.cost({ inputTokens: 0, outputTokens: 0, seconds: 10 })).toBe(100_000_000);
    expect(timed.cost({ inputTokens: 5, outputTokens: 0 })).toBe(36_000_000_000);
    expect(timed.ceiling(5, 0)).toBe(36_000_000_000);
    expect(timed.cost({ inputTokens: 0, outputTokens: 0 })).toBe(0);
    expect(card("x/z", { perImageUsd: "0.04" }).ceiling(5, 0)).toBe(40_000_000);
  });

  it("bills a request whose usage has no tokens, and no unit of what was not used", () => {
    const nothing = { inputTokens: 0, outputTokens: 0 };
    const flat = card("x/y", { perRequestUsd: "0.01" });
    expect(flat.cost(nothing)).toBe(10_000_000);
    expect(flat.ceiling(0, 0)).toBe(10_000_000);
    const drawn = card("x/z", { perRequestUsd: "0.01", perImageUsd: "0.04" });
    expect(drawn.cost({ ...nothing, images: 0 })).toBe(10_000_000);
    expect(drawn.cost({ ...nothing, images: 1 })).toBe(50_000_000);
    expect(card("perplexity/sonar", { maxOutputTokens: 9 }).cost(nothing)).toBe(12_000_000);
  });
});

describe("a wrong override is refused with what to write instead", () => {
  const input = 1;
  it.each<[string, unknown, RegExp]>([
    ["NaN", { inputPerMillionUsd: Number.NaN }, /inputPerMillionUsd must be a price.*got NaN/],
    ["infinite", { inputPerMillionUsd: Infinity }, /got Infinity/],
    ["negative", { inputPerMillionUsd: -1 }, /got -1/],
    ["negative text", { inputPerMillionUsd: "-1" }, /got "-1"/],
    ["hexadecimal", { inputPerMillionUsd: "0x10" }, /got "0x10"/],
    ["empty text", { inputPerMillionUsd: "" }, /got ""/],
    ["an object", { inputPerMillionUsd: {} }, /got an object/],
    ["too fine", { inputPerMillionUsd: "0.0000000001" }, /at most 9 decimals/],
    ["too fine in exponents", { inputPerMillionUsd: 1e-10 }, /at most 9 decimals/],
    ["too large", { perRequestUsd: "99999999" }, /at most \$9,007,199/],
    ["misspelt", { inputPerMilionUsd: 1 }, /Did you mean "inputPerMillionUsd"\?/],
    ["half priced", { inputPerMillionUsd: input }, /outputPerMillionUsd/],
    ["not priced", {}, /does not have this model/],
    ["a fraction of a token", { extends: "openai/gpt-5", maxOutputTokens: 1.5 }, /whole number/],
    ["a bad base", { extends: "openai/gpt-5-minix" }, /extends must be a model in the data/],
    ["a misspelt base", { extends: "openai/gtp-5-mini" }, /Did you mean "openai\/gpt-5-mini"\?/],
    ["a base of another kind", { extends: 5 }, /extends must be/],
    ["bad aliases", { extends: "openai/gpt-5", aliases: "x" }, /aliases must be a list/],
    [
      "a gap among the aliases",
      { extends: "openai/gpt-5", aliases: new Array(1) },
      /aliases must be/,
    ],
    ["a pattern among the aliases", { extends: "openai/gpt-5", aliases: ["gpt-*"] }, /exact model/],
    ["no object", 5, /must be an object; got 5/],
  ])("%s", (_name, override, message) => {
    const make = () =>
      createPriceBook({ overrides: { "openai/gpt-9": override as PriceOverride } });
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect(isGuardError(error) && error.code).toBe("BR9001");
    }
  });

  it.each<[string, Readonly<Record<string, PriceOverride>>]>([
    ["two ids that are alike", { "a/M": { extends: "openai/gpt-5" }, "a/m": { perRequestUsd: 1 } }],
    [
      "one alias twice",
      {
        "a/b": { extends: "openai/gpt-5", aliases: ["fast"] },
        "a/c": { extends: "openai/gpt-5-mini", aliases: ["Fast"] },
      },
    ],
    [
      "an alias that is another's id",
      {
        "openai.responses/gpt-9": { extends: "openai/gpt-5" },
        "openai/gpt-8": { extends: "openai/gpt-5", aliases: ["gpt-9"] },
      },
    ],
  ])("two prices for one name: %s", (_name, overrides) => {
    expect(() => createPriceBook({ overrides })).toThrow(
      /BR9001 .* without the name "[^"]+", which/,
    );
  });

  it.each(["acme/*", "*/gpt-5", "openai/gpt-*"])("the pattern %j as key", (key) => {
    const override = { inputPerMillionUsd: input, outputPerMillionUsd: 1 };
    expect(() => createPriceBook({ overrides: { [key]: override } })).toThrow(
      /BR9001 .*must be an exact model id: .*name each model/,
    );
  });

  it.each(["gpt-5", "/gpt-5", "openai/", ""])("the key %j", (key) => {
    expect(() => createPriceBook({ overrides: { [key]: {} } })).toThrow(/provider\/model/);
  });
});
