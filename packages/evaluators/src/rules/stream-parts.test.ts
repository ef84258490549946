import { expect, it } from "vitest";
import {
  citationsResolve,
  contains,
  fromAutoevals,
  groundednessLexical,
  jsonValid,
  lengthWithin,
  matches,
  modelJudge,
  numbersSupported,
  piiLeak,
  profanity,
  type RuleEvaluator,
  refusal,
  schemaValid,
  suite,
  type TextEvaluator,
} from "../index.ts";

it.each<[string, TextEvaluator, string]>([
  ["data", jsonValid(), '{"answer": "yes", "sure": true}'],
  ["data of a schema", schemaValid({ schema: { type: "object" } }), '{"answer": "yes"}'],
  ["a text that is wanted", contains({ all: ["Yours"] }), "Dear Ann, it is fine. Yours, Jo"],
  ["a pattern that is wanted", matches({ pattern: "Yours" }), "Dear Ann, it is fine. Yours"],
  ["a pattern for the end", matches({ pattern: "nn$", not: true }), "Dear Ann, it is fine."],
  ["a length", lengthWithin({ min: 20, max: 40 }), "Dear Ann, it is fine. Yours, Jo"],
  ["an answer that begins like a refusal", refusal(), "I can't help but smile at that."],
  ["an answer from its context", groundednessLexical(), "It is about Anna Meyer of Acme."],
  ["a number with its size", numbersSupported(), "It made 12 million euros."],
  ["sources outside of code", citationsResolve(), "Take `list[12] + 1` of it [1]."],
  ["a word that begins as another", profanity(), "That is analagous to what was said."],
  [
    "an address that is allowed",
    piiLeak({ allow: ["@mail.acme-inc.com"] }),
    "Ask help@mail.acme-inc.com for it.",
  ],
  ["a suite", suite({ name: "s", criteria: [{ evaluator: jsonValid() }] }), '{"answer": "yes"}'],
])("fails no part of a stream that passes as a whole: %s", async (_, rule, whole) => {
  const context = "Anna Meyer of Acme says that it is about 12 million euros that it made.";
  expect(await rule.evaluate({ output: whole, context })).toMatchObject({ passed: true });
  for (let end = 1; end < whole.length; end++) {
    const part = { output: whole.slice(0, end), context, partial: true };
    expect([part.output, (await rule.evaluate(part)).passed]).not.toContain(false);
  }
});

it.each<[string, RuleEvaluator, string]>([
  ["a leak", piiLeak(), "It is jo@mail.example, I say"],
  ["a swear word", profanity(), "This is shit, I say"],
  ["a text that must not be there", contains({ none: ["secret"] }), "My secret is"],
  ["a pattern that must not be there", matches({ pattern: "se.ret", not: true }), "My secret is"],
  ["too long an answer", lengthWithin({ max: 10 }), "This goes on and"],
  ["a refusal", refusal(), `I can't help with that. ${"Really not. ".repeat(25)}`],
])("fails a part of a stream that the whole cannot mend: %s", (_, rule, output) => {
  expect(rule.evaluate({ output, partial: true })).toMatchObject({ passed: false });
});

it("does not ask a judge, or another library, about a part of a stream", async () => {
  const model = () => {
    throw new Error("asked");
  };
  const part = { output: "It is", input: "Is it?", partial: true };
  const judge = modelJudge({ model, rubric: "relevance" });
  const other = fromAutoevals(model as never, { name: "other", direction: "maximize" });
  expect((await judge.evaluate(part)).label).toBe("inconclusive");
  expect((await other.evaluate(part)).label).toBe("inconclusive");
});
