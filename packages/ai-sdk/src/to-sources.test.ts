import type { EvaluationInput, Evaluator, Source } from "@burnrate/core";
import { generateText, simulateReadableStream, streamText } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { expect, it } from "vitest";
import { guardModel } from "./guard-model.ts";
import { watchedGuard } from "./test-fixture.ts";
import { toSources } from "./to-sources.ts";

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 10, text: 10, reasoning: 0 },
};
const finishReason = { unified: "stop", raw: undefined };
const page = {
  ...{ type: "source", sourceType: "url", id: "s1" },
  ...{ url: "https://a.example", title: "A" },
};
const paper = {
  ...{ type: "source", sourceType: "document", id: "s2" },
  ...{ mediaType: "application/pdf", title: "Paper" },
};
const EXPECTED: Source[] = [
  { text: "Alpha", title: "a.txt", from: "prompt" },
  { text: "", id: "s1", url: "https://a.example", title: "A", from: "model" },
  { text: "", id: "s2", title: "Paper", from: "model" },
];

const messages = [
  {
    role: "user" as const,
    content: [
      {
        type: "file" as const,
        mediaType: "text/plain",
        data: new TextEncoder().encode("Alpha"),
        filename: "a.txt",
      },
      { type: "text" as const, text: "What does it say?" },
    ],
  },
];

function asking(sources: boolean) {
  const seen: EvaluationInput[] = [];
  const evaluator: Evaluator = {
    ...{ name: "asks", on: "model", sources },
    evaluate: (input) => ({ passed: seen.push(input) > 0 }),
  };
  return { seen, guard: watchedGuard({ evaluators: [evaluator] }).guard };
}

it("what a model cites and text files of the prompt are sources of its answer", async () => {
  const { guard, seen } = asking(true);
  const content = [{ type: "text", text: "Alpha." }, page, paper];
  const model = new MockLanguageModelV4({
    doGenerate: async () => ({ content, usage, warnings: [], finishReason }) as never,
  });
  await generateText({ model: guardModel(model, guard), messages });
  expect(seen[0]?.sources).toEqual(EXPECTED);
});

it("of a stream they are the same", async () => {
  const { guard, seen } = asking(true);
  const chunks = [
    { type: "stream-start", warnings: [] },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Alpha." },
    { type: "text-end", id: "1" },
    page,
    paper,
    { type: "finish", usage, finishReason },
  ];
  const model = new MockLanguageModelV4({
    doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) as never,
  });
  const { textStream } = streamText({ model: guardModel(model, guard), messages });
  for await (const _part of textStream);
  expect(seen[0]?.sources).toEqual(EXPECTED);
});

it("nothing is read while no evaluator asks for sources", async () => {
  const { guard, seen } = asking(false);
  const content = [{ type: "text", text: "Alpha." }, page];
  const model = new MockLanguageModelV4({
    doGenerate: async () => ({ content, usage, warnings: [], finishReason }) as never,
  });
  await generateText({ model: guardModel(model, guard), messages });
  expect(seen[0]?.sources).toEqual([]);
});

const file = (data: unknown, mediaType = "text/markdown"): object => ({
  ...{ type: "file", mediaType, data },
});
const base64 = Buffer.from("Beta").toString("base64");

it.each<[string, object, string | undefined]>([
  ["bytes", file(new TextEncoder().encode("Beta")), "Beta"],
  ["base64, as versions 5 and 6 hold it", file(base64), "Beta"],
  ["base64, as version 7 holds it", file({ type: "data", data: base64 }), "Beta"],
  ["a text that says so", file({ type: "text", text: "Beta" }), "Beta"],
  ["JSON", file(base64, "application/json"), "Beta"],
  ["an address, which nobody fetches", file("https://a.example/b.md"), undefined],
  ["an image", file(base64, "image/png"), undefined],
])("a file is read from %s", (_, part, text) => {
  const sources = toSources([], [{ role: "user", content: [part] }]);
  expect(sources).toEqual(text === undefined ? [] : [{ text, from: "prompt" }]);
});

it("results of the provider's own tools are sources; parts that cannot be read fail nothing", async () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const { guard, seen } = asking(true);
  const content = [
    { type: "text", text: "Alpha." },
    { type: "tool-result", toolCallId: "1", toolName: "web", result: [{ title: "Gamma" }] },
    { type: "tool-result", toolCallId: "2", toolName: "web", result: cycle },
  ];
  const model = new MockLanguageModelV4({
    doGenerate: async () => ({ content, usage, warnings: [], finishReason }) as never,
  });
  await guardModel(model, guard).doGenerate({ prompt: [] } as never);
  expect(seen[0]?.sources).toEqual([{ text: '[{"title":"Gamma"}]', from: "web" }]);
  expect(guard.metrics().dropped.sources).toBe(1);
});
