import { AIMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { modelJudge, toolCallValid, toolSequence } from "../index.ts";
import { answer } from "../judge/test-fixture.ts";

const now = { name: "now", parameters: { type: "object", properties: {} } };
const book = {
  name: "book",
  parameters: { type: "object", required: ["n"], properties: { n: {} } },
};
const valid = toolCallValid({ tools: [now, book] });
const gemini = (functionCall: object): object => ({
  candidates: [{ content: { parts: [{ functionCall }] } }],
});
const bedrock = (toolUse: object): object => ({
  output: { message: { role: "assistant", content: [{ text: "Let me see." }, { toolUse }] } },
});
const listed = (...toolCalls: unknown[]): object => ({ metadata: { toolCalls } });

describe("a call without a field for its arguments", () => {
  it.each<[string, object, string]>([
    ["of Gemini, to a tool that takes none", { output: gemini({ name: "now" }) }, "valid"],
    ["of Gemini, to a tool that is made up", { output: gemini({ name: "erase" }) }, "unknown-tool"],
    [
      "of OpenAI, to a tool that needs some",
      { output: { tool_calls: [{ type: "function", function: { name: "book" } }] } },
      "invalid-arguments",
    ],
    ["of Bedrock, to a tool that takes none", { output: bedrock({ name: "now" }) }, "valid"],
    [
      "of Bedrock, to a tool that is made up",
      { output: bedrock({ name: "erase" }) },
      "unknown-tool",
    ],
    [
      "of Bedrock, to a tool that needs some",
      { output: bedrock({ name: "book", input: {} }) },
      "invalid-arguments",
    ],
    [
      "beside one that has them",
      listed({ name: "erase" }, { name: "book", args: { n: 1 } }),
      "unknown-tool",
    ],
  ])("%s is a call", (_, given, label) => {
    expect(valid.evaluate({ output: "", ...given }).label).toBe(label);
  });
});

it("a call of OpenAI from before there were tools is one", () => {
  const message = { content: null, function_call: { name: "erase", arguments: "{}" } };
  const output = { choices: [{ message: { role: "assistant", ...message } }] };
  expect(valid.evaluate({ output }).label).toBe("unknown-tool");
});

it("a call of LangChain whose arguments are no JSON is not taken for none", () => {
  const call = { name: "book", args: '{"n":', id: "1", type: "invalid_tool_call" as const };
  const message = new AIMessage({ content: "Let me see.", invalid_tool_calls: [call] });
  for (const output of [message, { messages: [message] }]) {
    expect(valid.evaluate({ output })).toMatchObject({
      passed: false,
      label: "invalid-arguments",
      reason: "book: arguments are no JSON",
    });
  }
});

it.each(["[]", "null", "5", '"now"'])(
  "arguments %s are none of a tool that names some",
  (input) => {
    const parameters = { required: ["n"], properties: { n: {} } }; // without a type
    const output = [{ type: "tool-call", toolName: "book", input }];
    expect(
      toolCallValid({ tools: [{ name: "book", parameters }] }).evaluate({ output }),
    ).toMatchObject({
      passed: false,
      label: "invalid-arguments",
      reason: "book: arguments are no object",
    });
  },
);

it("a call of the AI SDK whose tool failed was made once", () => {
  const call = { toolCallId: "1", toolName: "now", input: {} };
  const output = [
    { type: "tool-call", ...call },
    { type: "tool-error", ...call, error: new Error("no clock") },
  ];
  const made = toolSequence({ expected: ["now"] });
  expect(made.evaluate({ output })).toMatchObject({ passed: true });
  expect(made.evaluate({ output: "", metadata: { toolCalls: output } }).passed).toBe(true);
});

describe("a list of calls", () => {
  it.each<[string, object]>([
    ["in a shape that nobody knows", listed({ book: { n: 1 } })],
    ["with a number among them", listed("now", 5)],
  ])("%s is no list of none", async (_, given) => {
    const input = { output: "Done.", input: "Book!", ...given };
    expect(valid.evaluate(input).label).toBe("inconclusive");
    expect(toolSequence({ expected: ["now"] }).evaluate(input).label).toBe("inconclusive");
    const judge = modelJudge({ model: () => ({ text: answer("pass") }), rubric: "toolUse" });
    const tools = { ...given, metadata: { tools: [now], ...Object(given).metadata } };
    expect((await judge.evaluate({ ...input, ...tools })).label).toBe("inconclusive");
  });

  it("may have messages among it that call nothing", () => {
    const result = { type: "tool-result", toolName: "erase" };
    const said = listed({ role: "user", content: "Hi" }, { role: "tool", name: "erase" }, result);
    expect(valid.evaluate({ output: "", ...said }).label).toBe("no-calls");
  });
});

it("a tool whose schema is none makes no verdict, and says which", () => {
  const tools = [{ name: "add", parameters: { type: "dict", properties: { n: {} } } }];
  const verdict = toolCallValid({ tools }).evaluate({
    output: [{ type: "tool-call", toolCallId: "1", toolName: "add", input: { n: 1 } }],
  });
  expect(verdict).toEqual({
    label: "inconclusive",
    reason: "the schema of add is no valid JSON Schema",
  });
});
