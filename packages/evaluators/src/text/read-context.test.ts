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
    ["each text once", { sources: [found], input }, `${found.text}\nIt has no air.`],
  ])("is %s", (_, given, text) => {
    expect(readContext({ output: "x", ...given })).toEqual({ kind: "text", text });
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
  });
});
