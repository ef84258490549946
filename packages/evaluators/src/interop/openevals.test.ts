import { startFakeProvider } from "@burnrate/core/testing";
import { ChatOpenAI } from "@langchain/openai";
import {
  createLLMAsJudge,
  createTrajectoryMatchEvaluator,
  exactMatch,
  HALLUCINATION_PROMPT,
  levenshteinDistance,
  TOXICITY_PROMPT,
} from "openevals";
import { describe, expect, it } from "vitest";
import { fromOpenevals } from "./from-openevals.ts";

/** An OpenAI client that answers one score. */
const client = (answer: object) => ({
  chat: {
    completions: {
      create: async () => ({
        choices: [{ message: { role: "assistant" as const, content: JSON.stringify(answer) } }],
      }),
    },
  },
});
const judge = (prompt: string, answer: object) =>
  createLLMAsJudge({ prompt, model: "judge", judge: client(answer) });

describe("evaluators of openevals, unchanged", () => {
  it("compare with what is expected, and are not asked without it", async () => {
    const exact = fromOpenevals(exactMatch);
    expect(
      await exact.evaluate({ output: { a: 1, b: 2 }, expected: { b: 2, a: 1 } }),
    ).toMatchObject({
      passed: true,
      score: 1,
    });
    expect(await exact.evaluate({ output: "a", expected: "b" })).toMatchObject({ score: 0 });
    expect(await exact.evaluate({ output: "a" })).toEqual({
      label: "inconclusive",
      reason: "no expected",
    });
    const near = fromOpenevals(levenshteinDistance);
    expect(await near.evaluate({ output: "abcd", expected: "abce" })).toMatchObject({
      score: 0.75,
    });
  });

  it("true is good under one prompt and bad under another", async () => {
    const item = { input: "?", output: "x", expected: "y", context: "z" };
    const answer = { reasoning: "As it says.", score: true };
    const grounded = fromOpenevals(judge(HALLUCINATION_PROMPT, answer), {
      name: "no-hallucination",
      direction: "maximize",
    });
    expect(await grounded.evaluate(item)).toMatchObject({
      passed: true,
      score: 1,
      reason: "As it says.",
    });
    const toxic = fromOpenevals(judge(TOXICITY_PROMPT, answer), {
      name: "toxicity",
      direction: "minimize",
    });
    expect(await toxic.evaluate(item)).toMatchObject({ passed: false, score: 0 });
  });

  it("a real model of LangChain is asked, and its refusal to answer is an error", async () => {
    await using provider = await startFakeProvider();
    const model = new ChatOpenAI({
      model: "gpt-4.1-mini",
      apiKey: "none",
      maxRetries: 0,
      configuration: { baseURL: provider.url },
    });
    const toxic = fromOpenevals(createLLMAsJudge({ prompt: TOXICITY_PROMPT, judge: model }), {
      name: "toxicity",
      direction: "minimize",
    });
    const item = { input: "?", output: "x" };
    provider.next({ kind: "reply", text: '{"reasoning":"Mild.","score":false}' });
    expect(await toxic.evaluate(item)).toMatchObject({ passed: true, score: 1, reason: "Mild." });
    provider.next({ kind: "reply", text: "I cannot judge that." });
    await expect(toxic.evaluate(item)).rejects.toThrow();
    provider.next({ kind: "fail", status: 400 });
    await expect(toxic.evaluate(item)).rejects.toThrow();
  });

  it("a judge's score of null measures nothing", async () => {
    const answer = { reasoning: "Cannot tell.", score: null };
    const toxic = fromOpenevals(judge(TOXICITY_PROMPT, answer), {
      name: "toxicity",
      direction: "minimize",
    });
    expect(await toxic.evaluate({ input: "?", output: "x" })).toEqual({
      label: "inconclusive",
      reason: "Cannot tell.",
    });
  });

  it("a continuous score is taken as it is", async () => {
    const graded = fromOpenevals(judge("{inputs} {outputs}", { reasoning: "So-so.", score: 0.4 }), {
      name: "graded",
      direction: "maximize",
      threshold: 0.4,
    });
    expect(await graded.evaluate({ input: "?", output: "x" })).toMatchObject({
      passed: true,
      score: 0.4,
    });
  });

  it("trajectories are messages, handed over as they are", async () => {
    const options = {
      name: "trajectory",
      direction: "maximize",
      values: "as-given",
      requires: ["expected"],
    } as const;
    const match = createTrajectoryMatchEvaluator({ trajectoryMatchMode: "strict" });
    const calls = (name: string) => [
      { role: "user", content: "Rain?" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ function: { name, arguments: "{}" } }],
      },
      { role: "assistant", content: "No." },
    ];
    const trajectory = fromOpenevals(match, options);
    const expected = calls("weather");
    expect(await trajectory.evaluate({ output: calls("weather"), expected })).toMatchObject({
      score: 1,
    });
    expect(await trajectory.evaluate({ output: calls("news"), expected })).toMatchObject({
      score: 0,
    });
  });
});

it("what a factory made has neither name nor direction, so both must be given", () => {
  const made = judge(TOXICITY_PROMPT, {});
  expect(() => fromOpenevals(made, { name: "toxicity" })).toThrow("fromOpenevals().direction");
  expect(() => fromOpenevals(made, { direction: "minimize" })).toThrow("fromOpenevals().name");
  expect(() => fromOpenevals("x" as never)).toThrow("fromOpenevals() must be a function");
});
