import { describe, expect, it } from "vitest";
import type { Judged } from "../evaluator.ts";
import {
  citationsResolve,
  contains,
  costUnder,
  groundednessLexical,
  languageIs,
  lengthWithin,
  matches,
  piiLeak,
  schemaValid,
  toolCallValid,
  toolSequence,
} from "../index.ts";
import { CONTEXT, call, tools } from "./test-fixture.ts";

describe("a verdict", () => {
  it.each([
    ["Persian", "ar", "امروز هوا خوب است و باید برای پیاده روی برویم."],
    ["Serbian", "ru", "Данас је лепо време и требало би да идемо у шетњу по парку."],
    ["Croatian", "cs", "Danas je lijepo vrijeme i trebali bismo ići u šetnju po parku."],
    ["a Japanese place", "ja", "東京都港区"],
  ])("of %s is no guess at another language", (_, language, output) => {
    expect(languageIs({ language }).evaluate({ output })).toMatchObject({ label: "inconclusive" });
  });

  it("shows where the output is not supported, and keeps text out of the label", () => {
    const output = "Anna Meyer of Siemens said revenue rose by 47 %.";
    const verdict = groundednessLexical().evaluate({ output, context: CONTEXT });
    const places = verdict.passed === undefined ? [] : (verdict.evidence ?? []);
    const shown = places.map(({ kind, start, end }) => `${kind}: ${output.slice(start, end)}`);
    expect(shown).toContain("number: 47");
    expect(shown).toContain("name: Siemens");
    expect(shown.join()).not.toContain("Meyer");
    expect(verdict.reason).toContain('number "47"');
    expect(["supported", "unsupported"]).toContain(verdict.label);
  });

  it("calls no short word of the context novel, whatever stands beside it", () => {
    const context = "I like it. The tram 28 was opened in 1914, says Dr. Li of Porto.";
    const shown = (output: string): string[] => {
      const verdict = groundednessLexical().evaluate({ output, context });
      const places = verdict.passed === undefined ? [] : (verdict.evidence ?? []);
      return places.map(({ start, end }) => output.slice(start, end));
    };
    expect(shown("Tram 28 opened in 1914 and I like it")).toEqual(["and"]);
    expect(shown("It opened in 1914 by Dr. Li")).not.toContain("Li");
    expect(shown("The tram was no opened")).toEqual(["no"]);
  });

  it.each([
    ["It was shipped on March 2, 2025.", "It was shipped on 2025-03-02."],
    ["It was shipped on 2 March.", '{ "was": "It was shipped on", "day": "2025-03-02" }'],
    ["The total is 49.90 EUR.", "The total is 49.9 EUR."],
  ])(
    "calls no part of a day or number novel that the context writes otherwise: %s",
    (output, context) => {
      const verdict = groundednessLexical().evaluate({ output, context });
      expect(verdict).toMatchObject({ passed: true, reason: "not in the context: nothing" });
    },
  );

  it("is open while a stream may make something else of its end", () => {
    const given = { output: "See release 1.2.3.4", partial: true };
    expect(piiLeak().evaluate(given)).toMatchObject({ label: "inconclusive" });
    expect(piiLeak().evaluate({ ...given, output: "It is 1.2.3.4, I say" }).passed).toBe(false);
    expect(piiLeak().evaluate({ output: given.output }).passed).toBe(false);
  });

  it("marks a quotation that nobody said", () => {
    const output = 'Anna Meyer said: "We are ashamed of the whole team."';
    expect(groundednessLexical().evaluate({ output, context: CONTEXT })).toMatchObject({
      evidence: expect.arrayContaining([expect.objectContaining({ kind: "quotation" })]),
    });
  });

  it("scores a sentence lower whose words stand pages apart", () => {
    const filler = "Something else is told here in many words of no interest. ".repeat(40);
    const near = `The red bridge was closed by the mayor. ${filler}`;
    const far = `The red bridge ${filler} was closed ${filler} by the mayor.`;
    const score = (context: string): number =>
      groundednessLexical().evaluate({ output: "The red bridge was closed by the mayor.", context })
        .score ?? 0;
    expect(score(near)).toBeGreaterThan(score(far) + 0.1);
  });

  it("is softened, not failed, by argument values that nobody said", () => {
    const rule = toolCallValid({ tools });
    const output = call("transfer", { amount: 5, to: "Ann" });
    const said = rule.evaluate({ input: "Send 5 to Ann", output });
    const unsaid = rule.evaluate({ input: "Send it", output });
    expect([said.passed, said.score, unsaid.passed, unsaid.score]).toEqual([true, 1, true, 0.5]);
  });

  it("knows a value that was said with accents as signs of their own", () => {
    const output = call("transfer", { amount: 5, to: "Zoë" });
    const given = { input: "Send 5 to Zoë".normalize("NFD"), output };
    expect(toolCallValid({ tools }).evaluate(given)).toMatchObject({ passed: true, score: 1 });
  });

  it("is unsure of more expected texts than it looks for, instead of leaving some out", () => {
    const expected = Array.from({ length: 101 }, (_, at) => `text ${at};`);
    expect(contains().evaluate({ output: expected.slice(0, 100).join(" "), expected })).toEqual({
      label: "inconclusive",
      reason: expect.stringContaining("more than 100"),
    });
  });

  it("says where it found what had hidden signs in it", () => {
    const text = "Ask o'bri\u200ben@mail.example now";
    const { evidence = [] } = piiLeak().evaluate({ output: text }) as Judged;
    expect(evidence.map(({ start, end }) => text.slice(start, end))).toEqual([
      "o'bri\u200ben@mail.example",
    ]);
  });

  it("names kinds of personal data, never the data", () => {
    const verdict = piiLeak().evaluate({ output: "a@b.example, c@d.example" });
    expect(verdict).toMatchObject({ label: "leak", reason: "2 × email" });
  });
});

describe("options", () => {
  it.each([
    ["a misspelt one", () => groundednessLexical({ treshold: 1 } as never), "threshold"],
    ["a threshold above 1", () => groundednessLexical({ threshold: 2 }), "threshold"],
    ["a pattern with a back-reference", () => matches({ pattern: "(a)\\1" }), "RE2"],
    ["a flag that RE2 has not", () => matches({ pattern: /a/v }), "flags v and y"],
    ["an unknown language", () => languageIs({ language: "xx" }), "language"],
    [
      "a schema that refers elsewhere",
      () => schemaValid({ schema: { $ref: "https://x.example/s" } }),
      "schema",
    ],
    ["an empty list", () => contains({ all: [] }), "at least one"],
    ["less than nothing", () => costUnder({ limitUsd: -1 }), "limitUsd"],
    ["min above max", () => lengthWithin({ min: 3, max: 2 }), "max"],
    ["neither min nor max", () => lengthWithin({ unit: "words" }), "any length would pass"],
  ])("%s is refused with a hint", (_, make, hint) => {
    expect(make).toThrow(
      expect.objectContaining({ code: "BR9001", message: expect.stringContaining(hint) }),
    );
  });
});

describe("a sequence of tools with one too many", () => {
  it("has no full score", () => {
    const metadata = { toolCalls: ["a", "a", "b"] };
    const { evaluate } = toolSequence({ expected: ["a", "b"] });
    expect(evaluate({ output: "", metadata })).toMatchObject({ passed: false, score: 2 / 3 });
  });
});

describe("a source whose name begins like another's", () => {
  it("is none", () => {
    const given = { context: ["See doc-12 and https://a.example/b/c."] };
    const { evaluate } = citationsResolve();
    expect(evaluate({ output: "So it is [doc-12].", ...given }).passed).toBe(true);
    expect(evaluate({ output: "So it is [doc-1].", ...given }).passed).toBe(false);
    expect(evaluate({ output: "At https://a.example/b.", ...given }).passed).toBe(true);
  });
});
