import { describe, expect, it } from "vitest";
import { readContext } from "./read-context.ts";
import { readSources } from "./read-sources.ts";

const found = { text: "The moon is far.", from: "search", id: "d1", url: "https://a.example/" };
const cited = { text: "", from: "model", url: "https://b.example/", title: "B" };
const result = (value: string): object => ({
  type: "tool-result",
  toolName: "search",
  output: { type: "text", value },
});
const input = {
  messages: [
    { role: "user", content: "How far is the moon?" },
    { role: "tool", content: [result("The moon is far."), result("It has no air.")] },
  ],
};

describe("what an answer may rely on", () => {
  it.each([
    ["the context", { context: "C", metadata: { context: "M" }, sources: [found], input }, "C"],
    ["else metadata.context", { context: {}, metadata: { context: "M" }, sources: [found] }, "M"],
    [
      "else what a guard gathered",
      { context: { agent: "a" }, sources: [found, cited] },
      found.text,
    ],
    ["data, too", { context: { stars: 4, city: "Tucson" } }, '{"stars":4,"city":"Tucson"}'],
    ["and what tools answered in the messages", { input }, `${found.text}\nIt has no air.`],
    [
      "data that a tool of the AI SDK returned among them",
      {
        input: [
          { role: "tool", content: [result("It is far.")] },
          {
            role: "tool",
            content: [{ type: "tool-result", output: { type: "json", value: [{ km: 384_400 }] } }],
          },
        ],
      },
      'It is far.\n[{"km":384400}]',
    ],
    [
      "and data among texts and documents",
      { context: ["It is far.", { km: 384_400 }, { pageContent: "It has no air." }, null] },
      'It is far.\n[{"km":384400}]\nIt has no air.',
    ],
    ["each text once", { sources: [found], input }, `${found.text}\nIt has no air.`],
  ])("is %s", (_, given, text) => {
    expect(readContext({ output: "x", ...given })).toEqual({ kind: "text", text });
  });

  it.each([
    [["a".repeat(600_000), "b".repeat(600_000)], "the context has more than 1048576 characters"],
    [[" ", { type: "image", image: "x" }], "the context is empty"],
    [[undefined, null], "the context is empty"],
    [["a", Promise.resolve("b")], "the context cannot be read"],
  ])("is nothing when not all of it can be read", (context, reason) => {
    expect(readContext({ output: "x", context })).toMatchObject({ kind: "none", reason });
  });

  it("is nothing when only addresses are known", () => {
    expect(readContext({ output: "x", sources: [cited] }).kind).toBe("none");
  });
});

describe("what an answer may cite", () => {
  it("is what a guard gathered, by number, id, address and title", () => {
    const sources = readSources({ output: "x", context: {}, sources: [found, cited] });
    expect(sources?.count).toBe(2);
    const names = ["d1", "a.example", "b.example", "b"];
    expect([...(sources?.names ?? [])].sort()).toEqual(names.sort());
  });

  it("is counted once though the messages hold it as well", () => {
    expect(readSources({ output: "x", sources: [found, cited], input })?.count).toBe(2);
    expect(readSources({ output: "x", input })?.count).toBe(2);
    expect(readSources({ output: "x" })).toBeUndefined();
  });

  it("is what was handed in, where anything was", () => {
    const sources = readSources({ output: "x", context: ["a"], sources: [found, cited] });
    expect(sources?.count).toBe(1);
    expect(readSources({ output: "x", context: [undefined] })).toBeUndefined();
  });
});
