import { describe, expect, it } from "vitest";
import type { EvaluatorInput, TextEvaluator } from "../evaluator.ts";
import {
  contains,
  defaultSuite,
  exactMatch,
  fromOpenevals,
  groundednessLexical,
  jsonValid,
  jury,
  modelJudge,
  piiLeak,
  ragSuite,
  schemaValid,
  suite,
  toolCallValid,
} from "../index.ts";
import { answer } from "../judge/test-fixture.ts";

const SKIPPED = { label: "inconclusive", skipped: true };
const tools = [{ name: "search", parameters: { type: "object", properties: { q: {} } } }];
const call = { type: "tool-call", toolCallId: "1", toolName: "search", input: '{"q":"moon"}' };
const turn = (output: unknown, more: Partial<EvaluatorInput> = {}): EvaluatorInput => ({
  ...{ on: "model", input: { messages: [{ role: "user", content: "How far?" }], tools } },
  ...{ output, expected: "far", context: "It is far.", ...more },
});
const judge = modelJudge({ model: () => ({ text: answer("pass") }), rubric: "relevance" });
const lengths = fromOpenevals(({ outputs }) => ({ key: "k", score: String(outputs).length > 0 }), {
  ...{ name: "k", direction: "maximize" },
});

const readers: readonly (readonly [string, TextEvaluator])[] = [
  ["a text rule", piiLeak()],
  ["groundedness", groundednessLexical()],
  ["a rule about words that must come", contains({ any: ["moon"] })],
  ["JSON", jsonValid()],
  ["a schema", schemaValid({ schema: true })],
  ["an expected value", exactMatch()],
  ["a judge", judge],
  ["a jury", jury({ name: "j", judges: [judge, piiLeak()] })],
  ["an evaluator of another library", lengths],
  ["a suite of such", defaultSuite()],
  ["a suite with a judge", ragSuite({ judge })],
];

describe.each(readers)("a turn that only calls tools, and %s", (_, evaluator) => {
  it.each<[string, unknown]>([
    ["the AI SDK", [call]],
    ["the AI SDK, with its thoughts", [{ type: "reasoning", text: "I look it up." }, call]],
    ["LangChain", { content: "", tool_calls: [{ id: "1", name: "search", args: { q: "moon" } }] }],
  ])("of %s: nothing to judge", async (__, output) => {
    expect(await evaluator.evaluate(turn(output))).toMatchObject(SKIPPED);
  });

  it.each<[string, EvaluatorInput]>([
    ["an output without anything", turn([])],
    ["an empty text", turn("")],
    ["a call that the provider made itself", turn([{ ...call, providerExecuted: true }])],
    ["a stream that goes on", turn([call], { partial: true })],
    ["what a task returned", turn([call], { on: "task" })],
    ["a tool's result", turn([call], { on: "tool" })],
    ["a call that was forced", turn([call], { input: { toolChoice: { type: "required" } } })],
    ["one forced in LangChain", turn([call], { input: { tool_choice: "any" } })],
    ["too long a text beside a call", turn([{ type: "text", text: "x".repeat(3e6) }, call])],
  ])("but %s is no such turn", async (__, given) => {
    expect(await evaluator.evaluate(given)).not.toHaveProperty("skipped");
  });
});

it("a suite goes by what there was to judge", async () => {
  const gate = { evaluator: piiLeak(), required: true, weight: 0 };
  const both = suite({ name: "s", criteria: [gate, { evaluator: toolCallValid() }] });
  expect(await both.evaluate(turn([call]))).toMatchObject({ passed: true });
  const wrong = turn([{ ...call, toolName: "serch" }]);
  expect(await both.evaluate(wrong)).toMatchObject({ passed: false });
  expect((await both.judge(turn([call]))).map(({ status }) => status)).toEqual([
    "skipped",
    "passed",
  ]);
  const calls = { evaluator: toolCallValid(), required: true, weight: 0 };
  const gated = suite({ name: "g", criteria: [calls, { evaluator: contains({ any: ["x"] }) }] });
  expect(await gated.evaluate(turn([call]))).toMatchObject({ passed: true, score: 1 });
});

it("a judge of tool calls has nothing to judge in an answer without any, and asks nobody", async () => {
  const toolUse = modelJudge({ model: () => ({ text: answer("pass") }), rubric: "toolUse" });
  expect(await toolUse.evaluate(turn("It is far."))).toMatchObject(SKIPPED);
  expect(await toolUse.evaluate(turn([call]))).toMatchObject({ passed: true });
  expect(await toolUse.evaluate(turn(""))).not.toHaveProperty("skipped");
  expect(toolUse.figures().calls).toBe(1);
});
