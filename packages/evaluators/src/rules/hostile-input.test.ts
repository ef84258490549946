import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { RuleEvaluator } from "../evaluator.ts";
import * as evaluators from "../index.ts";

const schema = { type: "object", properties: { a: { $ref: "#" } } };
const expected = "x";
const tools = [{ name: "f", parameters: schema }];
const readers: readonly RuleEvaluator[] = [
  evaluators.groundednessLexical(),
  evaluators.numbersSupported(),
  evaluators.citationsResolve(),
  evaluators.answerRelevance(),
  evaluators.exactMatch(),
  evaluators.contains(),
  evaluators.contains({ all: ["x"] }),
  evaluators.matches({ pattern: "(a+)+$" }),
  evaluators.jsonValid(),
  evaluators.schemaValid({ schema }),
  evaluators.schemaValid({ schema: z.object({ a: z.string() }) }),
  evaluators.refusal(),
  evaluators.profanity(),
  evaluators.piiLeak(),
  evaluators.promptInjectionHeuristic(),
  evaluators.lengthWithin({ max: 5 }),
  evaluators.languageIs({ language: "en" }),
  evaluators.notRepeated(),
  evaluators.toolCallValid({ tools }),
];
const all: readonly RuleEvaluator[] = [
  ...readers,
  evaluators.toolSequence({ expected: ["f"] }),
  evaluators.latencyUnder({ limitMs: 1 }),
  evaluators.costUnder({ limitUsd: 1 }),
];

function nested(depth: number): unknown {
  let value: unknown = "x";
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const throwing = {
  get text(): string {
    throw new Error("no");
  },
};
const unreadable: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["empty text", ""],
  ["blank text", " \n\t\u0000\u200b"],
  ["10 MB of text", "a ".repeat(5_000_000)],
  [
    "10 MB in a message",
    { role: "assistant", content: [{ type: "text", text: "a".repeat(10_000_000) }] },
  ],
  ["a million parts", Array.from({ length: 1_000_000 }, () => ({ type: "text", text: "" }))],
  ["data nested 100,000 deep", nested(100_000)],
  ["a revoked proxy", revoked.proxy],
  ["only halves of characters", "\ud800\ud800"],
  ["bytes", { file: Buffer.from("jo@mail.example") }],
  ["no number", Number.NaN],
];

describe.each(unreadable)("an output that is %s", (_, output) => {
  it("gets no score from any rule that reads it", () => {
    for (const rule of readers) {
      const verdict = rule.evaluate({ output, expected, input: "q", context: ["some context"] });
      expect([rule.name, verdict.passed, verdict.score]).toEqual([rule.name, undefined, undefined]);
      expect(verdict).toMatchObject({ label: "inconclusive", reason: expect.stringMatching(/./u) });
    }
  });

  it("makes no rule throw, wherever it stands", () => {
    for (const rule of all) {
      const places = [
        { output },
        { output: "x", context: output, input: output, expected: output, metadata: output },
      ];
      for (const given of places) expect(rule.evaluate(given as never)).toHaveProperty("label");
    }
  });
});

describe("what is missing", () => {
  it.each([
    ["context", evaluators.groundednessLexical()],
    ["context", evaluators.numbersSupported()],
    ["documents", evaluators.citationsResolve()],
    ["question", evaluators.answerRelevance()],
    ["expected", evaluators.exactMatch()],
    ["expected", evaluators.contains()],
    ["expected", evaluators.toolSequence()],
    ["tools", evaluators.toolCallValid()],
    ["latency", evaluators.latencyUnder({ limitMs: 1 })],
    ["cost", evaluators.costUnder({ limitUsd: 1 })],
  ])("%s: inconclusive, and says so", (what, rule) => {
    // A guard's own context holds names, which are no texts to compare with.
    const verdict = rule.evaluate({
      output: "It is 7.",
      context: { agent: "support", labels: {} },
    });
    expect(verdict).toEqual({ label: "inconclusive", reason: expect.stringContaining(what) });
  });

  it("tells of the first ten of a thousand wrong calls, and how many more there are", () => {
    const toolCalls = Array.from({ length: 900 }, (_, at) => ({ name: `fn${at}`, args: {} }));
    const verdict = evaluators
      .toolCallValid({ tools })
      .evaluate({ output: "", metadata: { toolCalls } });
    expect(verdict).toMatchObject({ passed: false, score: 0, label: "unknown-tool" });
    expect(verdict.reason).toMatch(/fn9; 890 more$/u);
    expect(verdict.reason).not.toContain("fn10");
  });

  it("is inconclusive for a schema of Gemini's kind that refers to itself", () => {
    const parameters = { type: "OBJECT", properties: {} as Record<string, unknown> };
    parameters.properties["me"] = parameters;
    const rule = evaluators.toolCallValid({
      tools: { functionDeclarations: [{ name: "f", parameters }] },
    });
    const output = [{ type: "tool-call", toolName: "f", input: { me: {} } }];
    expect(rule.evaluate({ output }).label).toBe("inconclusive");
  });

  it("is inconclusive even when nothing is handed in", () => {
    for (const rule of all) expect(rule.evaluate(undefined as never).passed).toBeUndefined();
  });
});

describe("odd but readable text", () => {
  it("is judged with null bytes and halves of characters in it", () => {
    const output = "mail\u0000 jo@mail.example \ud83d";
    expect(evaluators.piiLeak().evaluate({ output })).toMatchObject({ passed: false });
    expect(
      evaluators.piiLeak().evaluate({ output: { toolResult: throwing } }).passed,
    ).toBeUndefined();
  });
});

describe("a long text", () => {
  // A quarter of the longest that is read: quadratic work still stands out, linear work is soon
  // done.
  const size = 65_000;
  const quotation = `"a b ${"a ".repeat(180)}a"\n`;
  it.each([
    ["one letter", "a".repeat(size)],
    ["one digit", "1".repeat(size)],
    ["digits and points", "1.".repeat(size / 2)],
    ["separate digits", "4 ".repeat(size / 2)],
    ["brackets", "[".repeat(size)],
    ["numbers in brackets", "[1".repeat(size / 2)],
    ["quotation marks", '"a b '.repeat(size / 5)],
    ["quotations that almost fit", quotation.repeat(size / quotation.length)],
    ["capitals", "Ab ".repeat(size / 3)],
    ["at signs", "a@".repeat(size / 2)],
    ["colons", "a:".repeat(size / 2)],
    ["addresses that almost fit", `https://a1b${"a".repeat(1_900)} `.repeat(size / 2_000)],
    ["full stops", "a. ".repeat(size / 3)],
    ["addresses", "https://a.b/..... ".repeat(size / 18)],
    ["overrides", "ignore the the ".repeat(size / 15)],
    ["images", "![](http://a?".repeat(size / 13)],
    ["swear words", "shit ".repeat(size / 5)],
    [
      "words of their own",
      Array.from({ length: size / 9 }, (_, at) => at.toString(36).padStart(8, "x")).join(" "),
    ],
  ])("of %s costs a bounded time with each rule", (_, output) => {
    const context = `${output.repeat(2)}${"a ".repeat(size)}`;
    for (const rule of all) {
      const started = process.cpuUsage(); // what others do on the machine does not count
      rule.evaluate({ output, context, input: output, expected: `aab${"a".repeat(size / 2)}` });
      const { user } = process.cpuUsage(started);
      // Linear work on 65,000 characters takes some 0.05 s; quadratic work takes several seconds.
      expect([rule.name, user < 1_500_000]).toEqual([rule.name, true]);
    }
  });

  it("of parts that almost fit is searched in a bounded time", () => {
    const output = "a".repeat(size * 4);
    const started = process.cpuUsage();
    const expected = [..."bc"].map((odd) => `aa${odd}${"a".repeat(size * 2)}`);
    expect(evaluators.contains().evaluate({ output, expected }).passed).toBe(false);
    const toolCalls = expected.map((a) => ({ name: "g", args: { a } }));
    const called = [{ name: "g", parameters: { type: "object", properties: { a: {} } } }];
    const given = { output: "", input: output, metadata: { toolCalls } };
    expect(evaluators.toolCallValid({ tools: called }).evaluate(given).label).toBe("valid");
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000);
  });
});
