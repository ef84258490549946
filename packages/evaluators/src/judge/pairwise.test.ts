import { describe, expect, it } from "vitest";
import type { JudgeFunction, JudgeRequest } from "./judge-model.ts";
import { type PairwiseOptions, pairwise } from "./pairwise.ts";
import { answer } from "./test-fixture.ts";

const pair = { input: "How far is the moon?", first: "384,400 km.", second: "Very far away." };

/** Answers by what stands at A and at B. */
function reader(choose: (a: string, b: string) => string): {
  model: JudgeFunction;
  asked: JudgeRequest[];
} {
  const asked: JudgeRequest[] = [];
  const model: JudgeFunction = (request) => {
    asked.push(request);
    const text = (name: string): string =>
      new RegExp(`<<<begin ${name} \\S+>>>\\n(.*)\\n<<<end ${name}`, "su").exec(
        request.prompt,
      )?.[1] ?? "";
    return { text: answer(choose(text("A"), text("B"))) };
  };
  return { model, asked };
}

const compare = (choose: (a: string, b: string) => string, given: object = {}) =>
  pairwise({ model: reader(choose).model, rubric: "helpfulness", retries: 0 }).compare({
    ...pair,
    ...given,
  });

describe("a comparison of two outputs", () => {
  it("finds the better one wherever it stands", async () => {
    const byNumber = (a: string, b: string): string =>
      /\d/u.test(a) ? "A" : /\d/u.test(b) ? "B" : "tie";
    expect(await compare(byNumber)).toMatchObject({ winner: "first", score: 1, agreed: true });
    const swapped = { first: pair.second, second: pair.first };
    expect(await compare(byNumber, swapped)).toMatchObject({
      winner: "second",
      score: 0,
      agreed: true,
    });
    const equal = { first: "a", second: "b" };
    expect(await compare(byNumber, equal)).toMatchObject({ winner: "tie", agreed: true });
  });

  it("is a tie when the judge prefers a place", async () => {
    for (const place of ["A", "B"]) {
      expect(await compare(() => place)).toMatchObject({
        winner: "tie",
        score: 0.5,
        agreed: false,
      });
    }
    let first = true;
    const flips = (): string => {
      first = !first;
      return first ? "tie" : "A";
    };
    expect(await compare(flips)).toMatchObject({ winner: "tie", agreed: false });
  });

  it("asks both orders once, with the question and both outputs", async () => {
    const { model, asked } = reader(() => "tie");
    const judge = pairwise({ model, rubric: "helpfulness" });
    await judge.compare(pair);
    await judge.compare({ ...pair, first: pair.second, second: pair.first });
    expect(asked).toHaveLength(2);
    for (const { prompt } of asked) {
      for (const text of Object.values(pair)) expect(prompt).toContain(text);
    }
    expect(judge.figures()).toMatchObject({ calls: 2, cached: 2 });
  });

  it("has no winner without a question, without an output, or over the budget", async () => {
    const inconclusive = { winner: "inconclusive" };
    expect(await compare(() => "A", { input: undefined })).toMatchObject(inconclusive);
    expect(await compare(() => "A", { second: "" })).toMatchObject(inconclusive);
    const model = reader(() => "A").model;
    const poor = pairwise({ model, rubric: "coherence", budget: { calls: 1, perMs: 1_000 } });
    expect(await poor.compare(pair)).toMatchObject(inconclusive);
  });

  it("throws when the judge has no verdict", async () => {
    await expect(compare(() => "C")).rejects.toMatchObject({
      name: "JudgeError",
      kind: "unreadable",
    });
  });

  it("refuses to compare tool calls, and options that it has not", () => {
    const model = reader(() => "A").model;
    for (const options of [
      { model, rubric: "toolUse" },
      { model, rubric: "safety", scale: {} },
    ]) {
      expect(() => pairwise(options as PairwiseOptions)).toThrow(
        expect.objectContaining({ code: "BR9001" }),
      );
    }
  });
});
