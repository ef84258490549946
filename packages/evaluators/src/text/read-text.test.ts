import { describe, expect, it } from "vitest";
import { exactMatch, piiLeak, toolCallValid, toolSequence } from "../index.ts";
import { readAnswer, readText } from "./read-text.ts";

/** As the AI SDK's `streamText` answers: each field is a promise, made when it is read. */
class Streamed {
  reads = 0;
  get text(): Promise<string> {
    this.reads++;
    return Promise.reject(new Error("nobody catches this"));
  }
  toTextStreamResponse(): void {}
}
Object.defineProperty(Streamed.prototype, "content", { get: () => Promise.reject(new Error()) });
Object.defineProperty(Streamed.prototype, "toolCalls", { get: () => Promise.reject(new Error()) });

async function* parts(): AsyncGenerator<string> {
  yield "anna@private.example";
}

describe("what a task returns before it is there", () => {
  it.each<[string, unknown]>([
    ["a streamed result of the AI SDK", new Streamed()],
    ["a promise", Promise.resolve("anna@private.example")],
    ["a stream", new ReadableStream()],
    ["an async iterable", parts()],
    ["a response", new Response("anna@private.example")],
    ["a stream among other data", { id: 1, stream: new ReadableStream() }],
    ["a promise as its text", { text: Promise.resolve("anna@private.example") }],
    ["parts with a promise", [{ answer: Promise.resolve("anna@private.example") }]],
    ["a map, whose JSON is empty", new Map([["mail", "anna@private.example"]])],
    ["an error", new Error("anna@private.example")],
  ])("has no verdict: %s", (_, output) => {
    const rules = [piiLeak({ on: "task" }), exactMatch({ on: "task", expected: { id: 1 } })];
    for (const rule of rules) {
      expect(rule.evaluate({ output })).toMatchObject({ label: "inconclusive" });
    }
  });

  it("is not begun by reading it, nor are its tool calls counted as none", () => {
    const output = new Streamed();
    for (const rule of [
      piiLeak(),
      toolCallValid({ tools: [{ name: "search" }] }),
      toolSequence({ expected: ["search"] }),
    ]) {
      expect(rule.evaluate({ output })).toMatchObject({ label: "inconclusive" });
    }
    expect(output.reads).toBe(0);
  });
});

it.each<[string, unknown, string]>([
  ["data with a date", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ["an empty object", {}, "{}"],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  [
    "an instance with fields",
    new (class {
      name = "Anna";
    })(),
    '{"name":"Anna"}',
  ],
  ["an address", { url: new URL("https://a.example/") }, '{"url":"https://a.example/"}'],
])("reads %s as its JSON", (_, value, text) => {
  expect(readText(value, "the output")).toEqual({ kind: "text", text });
});

describe("an answer in parts", () => {
  const halves = (type: string) => [
    { type, text: "Ask anna@priv" },
    { type: "source", url: "https://a.example" },
    { type, text: "ate.example." },
  ];

  it.each<[string, unknown]>([
    ["of the AI SDK", halves("text")],
    ["of a LangChain message", { content: halves("text"), tool_calls: [] }],
    ["of OpenAI's responses", { content: halves("output_text") }],
    ["of Gemini", { parts: [{ text: "Ask anna@priv" }, { text: "ate.example." }] }],
  ])("is one text: a leak that a part ends in is found, %s", (_, output) => {
    expect(piiLeak().evaluate({ output, on: "model" })).toMatchObject({ label: "leak" });
  });

  it("but results of a tool, documents and messages stay apart", () => {
    const output = halves("text");
    expect(piiLeak().evaluate({ output, on: "tool" })).toMatchObject({ label: "clean" });
    expect(readText(output, "the context")).toMatchObject({ text: "Ask anna@priv\nate.example." });
    const said = [
      { role: "assistant", content: "1" },
      { role: "assistant", content: "2" },
    ];
    expect(readAnswer({ output: said })).toMatchObject({ text: "1\n2" });
  });
});
