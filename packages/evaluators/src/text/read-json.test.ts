import { AIMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { jsonValid } from "../rules/json-valid.ts";
import { schemaValid } from "../rules/schema-valid.ts";

describe("JSON of an output", () => {
  it.each([
    ["a message", { role: "assistant", content: "Sorry" }],
    ["a message of LangChain", new AIMessage("Sorry")],
    ["messages of an agent", { messages: [new AIMessage("Sorry")] }],
    ["a result of MCP", { content: [{ type: "text", text: "Sorry" }] }],
    ["an answer of OpenAI", { choices: [{ message: { content: "Sorry" } }] }],
    ["parts of Gemini", [{ text: "Hm.", thought: true }, { text: "Sorry" }]],
    ["steps of the AI SDK", { text: "Sorry", steps: [{ content: [], toolCalls: [] }] }],
    ["content parts", [{ type: "text", text: "Sorry" }]],
  ])("is not %s around a text that is none", (_, output) => {
    expect(jsonValid().evaluate({ output })).toMatchObject({ passed: false });
    expect(schemaValid({ schema: { type: "object" } }).evaluate({ output }).passed).toBe(false);
  });

  it.each([
    ["with a field named text", { text: "hello" }],
    ["with a list named content", { content: ["a", "b"] }],
    ["that is a list of texts", ["a", "b"]],
    ["that is a list of rows with a text", [{ id: 7, text: "hello" }]],
    ["with messages that are none", { text: "hello", messages: ["a"] }],
    ["that is a number", 5],
  ])("is data %s", (_, output) => {
    expect(jsonValid().evaluate({ output })).toMatchObject({ passed: true });
  });

  it("may stand in a fence, whatever its line ends and letters", () => {
    const output = "```JSON\r\n[1]\r\n```\r\n";
    expect(jsonValid({ allowFence: true }).evaluate({ output })).toMatchObject({ passed: true });
    expect(jsonValid().evaluate({ output })).toMatchObject({ passed: false });
  });
});
