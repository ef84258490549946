import { describe, expect, it } from "vitest";
import { exactMatch, schemaValid, toolCallValid, toolSequence } from "../index.ts";
import { readQuestion } from "./messages.ts";
import { readContext } from "./read-context.ts";

const TEXT = "The board chose Berlin.";

describe("the text of an answer", () => {
  it.each([
    ["chat completions", { choices: [{ message: { role: "assistant", content: TEXT } }] }],
    ["responses", { output_text: TEXT, output: [] }],
    ["messages of content parts", { role: "assistant", content: [{ type: "text", text: TEXT }] }],
    ["messages of a page", { role: "assistant", parts: [{ type: "text", text: TEXT }] }],
    ["candidates", { candidates: [{ content: { role: "model", parts: [{ text: TEXT }] } }] }],
    [
      "an agent's messages: its last",
      {
        messages: [
          { type: "human", content: "Where?" },
          { type: "ai", content: TEXT },
        ],
      },
    ],
  ])("is read from %s", (_, output) => {
    expect(exactMatch().evaluate({ output, expected: TEXT })).toMatchObject({ passed: true });
  });

  it("is not looked for in data with a list of words", () => {
    const schema = { type: "object", required: ["choices"] };
    const verdict = schemaValid({ schema }).evaluate({ output: { choices: ["1"] } });
    expect(verdict).toMatchObject({ passed: true });
  });
});

describe("the question", () => {
  it.each([
    ["a request of responses", { input: [{ role: "user", content: TEXT }] }],
    ["a request with one text", { input: TEXT, model: "gpt-5" }],
    ["contents", { contents: [{ role: "user", parts: [{ text: TEXT }] }] }],
    [
      "pairs of role and text",
      [
        ["system", "Be brief."],
        ["human", TEXT],
      ],
    ],
    [
      "messages as LangChain writes them to a file",
      [
        {
          lc: 1,
          type: "constructor",
          id: ["langchain_core", "messages", "HumanMessage"],
          kwargs: { content: TEXT },
        },
      ],
    ],
  ])("is read from %s", (_, input) => {
    expect(readQuestion(input)).toEqual({ kind: "text", text: TEXT });
  });
});

describe("tool calls", () => {
  const tools = [
    { name: "look_up", parameters: { type: "object", properties: { id: { type: "string" } } } },
  ];
  const withId = (id: unknown): readonly (readonly [string, unknown])[] => [
    ["responses", { output: [{ type: "function_call", name: "look_up", arguments: { id } }] }],
    [
      "candidates",
      {
        candidates: [{ content: { parts: [{ functionCall: { name: "look_up", args: { id } } }] } }],
      },
    ],
    [
      "messages of a page",
      { role: "assistant", parts: [{ type: "tool-look_up", toolCallId: "1", input: { id } }] },
    ],
    [
      "messages as LangChain writes them to a file",
      {
        lc: 1,
        id: ["AIMessage"],
        kwargs: { content: "", tool_calls: [{ name: "look_up", args: { id } }] },
      },
    ],
  ];

  it.each(withId(7))("with a wrong type are found in %s, not passed over", (_, output) => {
    expect(toolCallValid({ tools }).evaluate({ output })).toMatchObject({
      passed: false,
      label: "invalid-arguments",
    });
  });

  it.each(withId("7"))("are counted in %s", (_, output) => {
    const rule = toolSequence({ expected: ["look_up"] });
    expect(rule.evaluate({ output })).toMatchObject({ passed: true });
  });
});

describe("what tools answer in the name of the user", () => {
  const asked = { role: "user", content: "Which city?" };
  const found = "The board met on Monday.";
  it.each([
    [
      "messages",
      {
        messages: [
          asked,
          { role: "assistant", content: [{ type: "tool_use", id: "1", name: "find", input: {} }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "1", content: found }] },
        ],
      },
    ],
    [
      "responses",
      { input: [asked, { type: "function_call_output", call_id: "1", output: found }] },
    ],
    [
      "contents",
      {
        contents: [
          { role: "user", parts: [{ text: "Which city?" }] },
          { role: "user", parts: [{ functionResponse: { name: "find", response: { found } } }] },
        ],
      },
    ],
    [
      "a message with the question beside it",
      [
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: found }] },
            { type: "text", text: "Which city?" },
          ],
        },
      ],
    ],
  ])("is no question but context in %s", (_, input) => {
    expect(readQuestion(input)).toEqual({ kind: "text", text: "Which city?" });
    const context = readContext({ output: "x", input });
    expect(context).toMatchObject({ kind: "text", text: expect.stringContaining(found) });
    expect(context).not.toMatchObject({ text: expect.stringContaining("Which city?") });
  });
});
