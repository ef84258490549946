import { AIMessage } from "@langchain/core/messages";
import { describe, expect, it } from "vitest";
import { exactMatch } from "../rules/exact-match.ts";
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

  it.each([
    ["a figure", { value: "42", unit: "kg" }],
    ["a word of JSON", { id: 7, content: "null" }],
    ["a text that is JSON, as the expected value has it", { id: 7, text: '{"a":1}' }],
    ["a date, which JSON writes as text", { text: "hello", at: new Date(0) }],
    ["nothing", { text: "hello", more: undefined }],
  ])("is compared as it is where a field is %s", (_, output) => {
    expect(schemaValid({ schema: { type: "object" } }).evaluate({ output }).passed).toBe(true);
    const equal = exactMatch().evaluate({ output, expected: { ...output } });
    expect(equal).toMatchObject({ passed: true });
    expect(exactMatch().evaluate({ output, expected: { id: 8 } }).passed).toBe(false);
  });

  it("that cannot be written as JSON is another value than expected", () => {
    const ring: Record<string, unknown> = { text: "hello" };
    ring["self"] = ring;
    for (const output of [ring, { text: "hello", big: 1n }]) {
      expect(exactMatch().evaluate({ output, expected: { id: 8 } }).label).toBe("mismatch");
    }
  });

  it("of text parts is what they say, be it a number", () => {
    const schema = { type: "number" };
    for (const output of ["42", { text: "42" }, [{ type: "text", text: "42" }]]) {
      expect(schemaValid({ schema }).evaluate({ output }).passed).toBe(true);
      expect(exactMatch().evaluate({ output, expected: 42 }).passed).toBe(true);
    }
  });

  it.each([
    ["words", [{ type: "text", text: "It is 7." }]],
    ["other data", [{ type: "text", text: '{"id":"7"}' }]],
    ["an image", [{ type: "image", data: "aa", mimeType: "image/png" }]],
    ["nothing", []],
  ])("of a result of MCP is its structured content, beside %s", (_, content) => {
    const { evaluate } = schemaValid({
      schema: { type: "object", properties: { id: { type: "number" } }, required: ["id"] },
    });
    const passed = (id: unknown) =>
      evaluate({ output: { content, structuredContent: { id } }, on: "tool" }).passed;
    expect([passed(7), passed("seven")]).toEqual([true, false]);
  });

  it("may stand in a fence, whatever its line ends and letters", () => {
    const output = "```JSON\r\n[1]\r\n```\r\n";
    expect(jsonValid({ allowFence: true }).evaluate({ output })).toMatchObject({ passed: true });
    expect(jsonValid().evaluate({ output })).toMatchObject({ passed: false });
  });
});
