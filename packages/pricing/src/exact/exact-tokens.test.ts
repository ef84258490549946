import type { RateCard } from "@burnrate/core";
import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { DEFAULT_ENCODING, modelToEncodingMap } from "gpt-tokenizer/mapping";
import { countChatCompletionTokens } from "gpt-tokenizer/model/gpt-4o";
import * as specs from "gpt-tokenizer/models";
import { describe, expect, it } from "vitest";
import { createPriceBook } from "../book/price-book.ts";
import { catalogModels } from "../catalog/catalog.ts";
import { estimateInputTokens } from "../estimate/estimate-input-tokens.ts";
import { encodingOf } from "./encoding-of.ts";
import type { CountTokens } from "./exact-measure.ts";
import { type ExactTokensOptions, exactTokens } from "./exact-tokens.ts";

const AT = Date.UTC(2026, 9, 1);
const prices = createPriceBook({ estimator: exactTokens({ o200k, cl100k }) });
const cardOf = (provider: string, model: string): RateCard => {
  const card = prices.resolve(provider, model, AT);
  if (card === undefined) throw new Error(`no ${model}`);
  return card;
};
const GPT_4O = cardOf("openai", "gpt-4o");
const exact = (input: unknown): number => prices.estimateInputTokens(input, GPT_4O);

type Chat = Parameters<NonNullable<typeof countChatCompletionTokens>>[0];
const truth = (chat: Chat): number => countChatCompletionTokens?.(chat) ?? Number.NaN;

const QUESTION = [
  { role: "system" as const, content: "You are a helpful assistant." },
  { role: "user" as const, content: "What is the weather in Łódź, and will it rain tomorrow?" },
];
const WEATHER = {
  name: "get_weather",
  description: "Get the weather of a city",
  parameters: {
    type: "object" as const,
    properties: {
      city: { type: "string" as const, description: "the city" },
      unit: { type: "string" as const, enum: ["celsius", "fahrenheit"] },
    },
    required: ["city"],
  },
};
const asTools = (functions: readonly object[]): object[] =>
  functions.map((tool) => ({ type: "function", function: tool }));

describe("golden counts", () => {
  it.each<[string, Chat, number, number]>([
    ["a greeting", { messages: [{ role: "user", content: "hi" }] }, 8, 16],
    ["a chat", { messages: QUESTION }, 32, 45],
    ["a chat with a tool", { messages: QUESTION, functions: [WEATHER] }, 80, 230],
  ])("%s: what OpenAI counts, and little more", (_, chat, actual, most) => {
    expect(truth(chat)).toBe(actual);
    const tools = chat.functions && { tools: asTools(chat.functions) };
    const estimate = exact({ messages: chat.messages, ...tools });
    expect(estimate).toBeGreaterThanOrEqual(actual);
    expect(estimate).toBeLessThanOrEqual(most);
  });

  it("a tool with a long list of words, which OpenAI writes longer than JSON does", () => {
    const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
    const properties = { word: { type: "string" as const, enum: words } };
    const tool = { name: "pick", parameters: { type: "object" as const, properties } };
    const chat: Chat = { messages: QUESTION, functions: [tool] };
    expect(exact({ messages: QUESTION, tools: asTools([tool]) })).toBeGreaterThanOrEqual(
      truth(chat),
    );
  });

  it("a text, whatever it is written in", () => {
    const texts = [
      "Budget",
      "Бюджет исчерпан",
      "预算已用完，调用被拒绝。",
      "👩‍💻🔥",
      "<|endoftext|>",
    ];
    for (const text of texts) {
      const least = o200k(text, { disallowedSpecial: new Set() });
      expect(exact(text)).toBe(least + 4 + 8);
    }
  });
});

/** A schema of any shape, with lists of words, which OpenAI writes longer than JSON does. */
const schema = fc.letrec((tie) => ({
  property: fc.oneof(
    { depthSize: "small" },
    fc.record({ type: fc.constant("string"), description: fc.string() }),
    fc.record({ type: fc.constant("string"), enum: fc.array(fc.string(), { minLength: 1 }) }),
    fc.record({ type: fc.constantFrom("integer", "number", "boolean", "null") }),
    fc.record({ type: fc.constant("array"), items: tie("property") }),
    fc.record({
      type: fc.constant("object"),
      properties: fc.dictionary(fc.string({ minLength: 1 }), tie("property"), { maxKeys: 4 }),
    }),
  ),
})).property;

describe("for any chat", () => {
  const message = fc.record({
    role: fc.constantFrom("system" as const, "user" as const, "assistant" as const),
    content: fc.string({ unit: "grapheme", maxLength: 300 }),
  });
  const tool = fc.record({
    name: fc.stringMatching(/^[a-z_]{1,20}$/),
    description: fc.string(),
    parameters: fc.record({
      type: fc.constant("object" as const),
      properties: fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), schema, { maxKeys: 5 }),
    }),
  });

  it("at least what OpenAI's format has, with tools, and at most the byte bound", () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(tool, { maxLength: 3 }), (messages, functions) => {
        const chat = { messages, functions } as Chat;
        const input = { messages, ...(functions.length > 0 && { tools: asTools(functions) }) };
        expect(exact(input)).toBeGreaterThanOrEqual(truth(chat));
        expect(exact(input)).toBeLessThanOrEqual(estimateInputTokens(input));
      }),
    );
  });

  it("and at most the byte bound for whatever else it is given", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(exact(value)).toBeLessThanOrEqual(estimateInputTokens(value));
        expect(exact([{ role: "user", content: [value] }])).toBeLessThanOrEqual(
          estimateInputTokens([{ role: "user", content: [value] }]),
        );
      }),
    );
  });
});

describe("which tokenizer", () => {
  it("is the one that gpt-tokenizer knows for the model, and none that it does not", () => {
    const listed: Readonly<Record<string, string>> = modelToEncodingMap;
    const names = new Set(Object.keys(specs));
    const checked = catalogModels("openai").filter(({ id }) => {
      const encoding = encodingOf({ ...GPT_4O, model: id });
      const known = listed[id] ?? (names.has(id) ? DEFAULT_ENCODING : undefined);
      if (encoding !== undefined && known !== undefined) {
        expect(known, id).toBe(`${encoding}_base`);
        return true;
      }
      return false;
    });
    expect(checked.length).toBeGreaterThan(50);
  });

  it.each([
    ["gpt-6", undefined],
    ["gpt-5.9", undefined],
    ["gpt-5.6-sol", "o200k"],
    ["gpt-4", "cl100k"],
    ["gpt-4.1-mini", "o200k"],
    ["gpt-4-turbo-preview", "cl100k"],
    ["o30", undefined],
    ["davinci-002", undefined],
    ["gpt-oss-120b", undefined], // its own chat format, with more around a message
  ])("of %s is %s", (model, encoding) => {
    expect(encodingOf({ ...GPT_4O, model })).toBe(encoding);
  });

  it("is none for Claude, Gemini, an unknown model and an encoding that was not given", () => {
    const bound = estimateInputTokens(QUESTION);
    const only = createPriceBook({ estimator: exactTokens({ cl100k }) });
    expect(prices.estimateInputTokens(QUESTION, cardOf("anthropic", "claude-sonnet-4-5"))).toBe(
      bound,
    );
    expect(prices.estimateInputTokens(QUESTION, cardOf("google", "gemini-2.5-pro"))).toBe(bound);
    expect(prices.estimateInputTokens(QUESTION)).toBe(bound);
    expect(only.estimateInputTokens(QUESTION, GPT_4O)).toBe(bound);
    expect(only.estimateInputTokens(QUESTION, cardOf("openai", "gpt-4"))).toBeLessThan(bound);
  });
});

describe("time", () => {
  /** Counts characters, and how many it was given. */
  function countingTokenizer(): { readonly count: CountTokens; seen: () => number } {
    let seen = 0;
    const count: CountTokens = (text) => {
      seen += text.length;
      return Math.ceil(text.length / 4);
    };
    return { count, seen: () => seen };
  }

  it("is not spent on a text that is longer than the limit", () => {
    const { count, seen } = countingTokenizer();
    const estimator = exactTokens({ o200k: count, maxTextLength: 1_000 });
    const input = "word ".repeat(201);
    expect(estimator.estimateInputTokens(input, GPT_4O)).toBeGreaterThan(input.length);
    expect(seen()).toBe(0);
  });

  it("is bounded for each call, and what it left over is counted by the next", () => {
    const { count, seen } = countingTokenizer();
    const estimator = exactTokens({ o200k: count, maxTextLength: 1_000 });
    const messages = Array.from({ length: 10 }, (_, i) => ({
      role: "user",
      content: `${i} word`.repeat(100),
    }));
    const estimates: number[] = [];
    for (let call = 0; call < 12; call++) {
      const before = seen();
      estimates.push(estimator.estimateInputTokens({ messages }, GPT_4O));
      expect(seen() - before).toBeLessThanOrEqual(1_000);
    }
    expect(estimates[0]).toBeGreaterThan(5_000);
    expect(estimates.at(-1)).toBeLessThan(2_000);
  });

  it("is not spent twice on the same text, in the same message or in a new one", () => {
    const { count, seen } = countingTokenizer();
    const estimator = exactTokens({ o200k: count });
    const make = () => ({
      messages: [{ role: "user", content: "word ".repeat(1_000) }],
      tools: asTools([WEATHER]),
    });
    const first = estimator.estimateInputTokens(make(), GPT_4O);
    const after = seen();
    expect(estimator.estimateInputTokens(make(), GPT_4O)).toBe(first);
    expect(seen() - after).toBeLessThan(100);
  });

  it("is not quadratic in a run that the tokenizer cannot split", () => {
    let longest = 0;
    const estimator = exactTokens({
      o200k: (text, options) => {
        longest = Math.max(longest, /\S/.test(text) ? text.length : 0);
        return o200k(text, options);
      },
    });
    for (const unit of ["a", "é", "aé", "预", "👩", "=", "=—"]) {
      const text = unit.repeat(5_000);
      const estimate = estimator.estimateInputTokens(text, GPT_4O);
      expect(estimate).toBeLessThanOrEqual(estimateInputTokens(text));
    }
    expect(longest).toBeLessThanOrEqual(65);
    expect(estimator.estimateInputTokens("word, ".repeat(900), GPT_4O)).toBe(1_801 + 12);
  });
});

describe("a tokenizer that fails", () => {
  it.each<[string, CountTokens]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["gives nothing", () => undefined as never],
    ["gives a fraction", () => 0.5],
    ["gives a negative count", () => -9],
    ["gives more than the bytes", () => 1e9],
  ])("and %s leaves the byte bound of the text", (_, count) => {
    const text = "a budget of five dollars";
    const estimate = exactTokens({ o200k: count }).estimateInputTokens(text, GPT_4O);
    expect(estimate).toBe(Buffer.byteLength(text) + 12);
  });
});

describe("options that are wrong", () => {
  it.each<[unknown, RegExp]>([
    [undefined, /npm install gpt-tokenizer/],
    [{}, /npm install gpt-tokenizer/],
    [{ o200k: {} }, /exactTokens\.o200k must be a function.*o200k_base/],
    [{ o200: o200k }, /Did you mean "o200k"/],
    [{ o200k, maxTextLength: 0 }, /maxTextLength/],
  ])("are refused with what to do: %#", (options, message) => {
    expect(() => exactTokens(options as ExactTokensOptions)).toThrow(message);
  });

  it("of the price book too", () => {
    for (const estimator of ["exact", {}, null, { estimateInputTokens: 1 }, exactTokens]) {
      expect(() => createPriceBook({ estimator: estimator as never })).toThrow(/"calibrated"/);
    }
  });
});
