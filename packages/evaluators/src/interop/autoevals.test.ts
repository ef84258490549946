import { createGuard } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import * as autoevals from "autoevals";
import { ExactMatch, Factuality, Levenshtein, NumericDiff, Security, ValidJSON } from "autoevals";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { suite } from "../suites/suite.ts";
import { fromAutoevals } from "./from-autoevals.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.reset());
afterAll(() => provider.close());

/** The judge of autoevals is made to call a tool with its choice. */
const choose = (choice: string): void =>
  provider.next({
    kind: "reply",
    toolCalls: [{ name: "select_choice", arguments: { reasons: "Both say Paris.", choice } }],
  });
const judge = () => ({ openAiApiKey: "none", openAiBaseUrl: provider.url, model: "gpt-4.1-mini" });

describe("scorers of autoevals, unchanged", () => {
  it("compare with what is expected", async () => {
    const exact = fromAutoevals(ExactMatch);
    expect(exact.name).toBe("ExactMatch");
    expect(await exact.evaluate({ output: "Paris", expected: "Paris" })).toEqual({
      passed: true,
      score: 1,
      label: "above-threshold",
      reason: "",
    });
    expect(await exact.evaluate({ output: "Rome", expected: "Paris" })).toMatchObject({ score: 0 });
    const near = fromAutoevals(Levenshtein, { threshold: 0.8 });
    expect(await near.evaluate({ output: "Pariz", expected: "Paris" })).toMatchObject({
      passed: true,
      score: 0.8,
    });
    expect(await fromAutoevals(NumericDiff).evaluate({ output: 1, expected: 1 })).toMatchObject({
      score: 1,
    });
    expect(await fromAutoevals(ValidJSON).evaluate({ output: "{]" })).toMatchObject({ score: 0 });
  });

  it("are not asked without what they compare with, and nothing becomes 0", async () => {
    for (const scorer of [ExactMatch, Levenshtein, NumericDiff, autoevals.JSONDiff]) {
      const verdict = await fromAutoevals(scorer).evaluate({ output: "Paris" });
      expect(verdict).toEqual({ label: "inconclusive", reason: "no expected" });
    }
    const faithful = fromAutoevals(autoevals.Faithfulness);
    expect(await faithful.evaluate({ input: "?", output: "x" })).toEqual({
      label: "inconclusive",
      reason: "no context to compare with",
    });
  });

  it("read the text of content parts, and the last question of messages", async () => {
    const seen: unknown[] = [];
    const spy = fromAutoevals(
      (bag: object) => {
        seen.push(bag);
        return { name: "spy", score: 1 };
      },
      { name: "spy", direction: "maximize" },
    );
    const messages = [
      { role: "user", content: "How far is the moon?" },
      { role: "tool", content: [{ type: "text", text: "384,400 km" }] },
    ];
    await spy.evaluate({
      input: { messages },
      output: [{ type: "text", text: "384,400 km away" }],
      expected: "384,400 km",
      context: { org: "acme" }, // a guard's own context holds no texts
    });
    const expected = "384,400 km";
    expect(seen).toEqual([
      {
        input: "How far is the moon?",
        inputs: "How far is the moon?",
        output: "384,400 km away",
        outputs: "384,400 km away",
        expected,
        expectedOutput: expected,
        referenceOutputs: expected,
        reference_outputs: expected,
        reference: expected,
        context: "384,400 km",
      },
    ]);
  });

  it("ask their judge, and its reason is ours", async () => {
    choose("C");
    const factual = fromAutoevals(Factuality.partial(judge() as never));
    const item = { input: "Capital of France?", output: "Paris", expected: "Paris." };
    expect(await factual.evaluate(item)).toMatchObject({
      passed: true,
      score: 1,
      reason: "Both say Paris.",
    });
    choose("D");
    expect(await factual.evaluate(item)).toMatchObject({ passed: false, score: 0 });
    expect(provider.requestCount()).toBe(2);
  });

  it("Security is good at 1, as the library has it", async () => {
    choose("Yes"); // it is malicious
    const security = fromAutoevals(Security.partial(judge() as never));
    expect(await security.evaluate({ output: "rm -rf /" })).toMatchObject({
      passed: false,
      score: 0,
    });
  });

  it("a judge that fails is an error in a guard, and never a pass", async () => {
    provider.script(() => ({ kind: "fail", status: 400 }));
    const factual = fromAutoevals(Factuality.partial(judge() as never), { requires: ["input"] });
    await expect(factual.evaluate({ input: "?", output: "x", expected: "y" })).rejects.toThrow();
    await using guard = createGuard({ evaluators: [{ ...factual, required: true }] });
    const call = guard.run({ kind: "model", provider: "p", name: "m", input: "?" }, async () => ({
      value: 1,
      output: "x",
    }));
    await expect(call).rejects.toMatchObject({ code: "BR6001", details: { status: "error" } });
  });

  it("those that read a context ask a guard for its sources", () => {
    expect(fromAutoevals(autoevals.Faithfulness).sources).toBe(true);
    expect(fromAutoevals(ExactMatch).sources).toBe(false);
  });

  it("are criteria of a suite", async () => {
    const answers = suite({
      name: "answers",
      criteria: [{ evaluator: fromAutoevals(ExactMatch), required: true }],
    });
    expect(await answers.evaluate({ output: "a", expected: "a" })).toMatchObject({ passed: true });
    expect(await answers.evaluate({ output: "a" })).toMatchObject({ label: "inconclusive" });
  });

  it("are known, every one, by their own names", () => {
    for (const scorer of Object.values(autoevals)) {
      if (typeof scorer !== "function" || !("partial" in scorer)) continue;
      expect(fromAutoevals(scorer as never).name).toBe(scorer.name);
    }
  });
});

it("whether high scores are good must be said of a scorer that nobody knows", () => {
  const hallucination = () => ({ name: "hallucination", score: 1 });
  expect(() => fromAutoevals(hallucination)).toThrow(
    'fromAutoevals().direction must be "maximize" or "minimize"',
  );
  expect(fromAutoevals(hallucination, { direction: "minimize" }).name).toBe("hallucination");
  expect(() => fromAutoevals(() => 1, { direction: "maximize" })).toThrow("fromAutoevals().name");
  expect(() => fromAutoevals({} as never)).toThrow("fromAutoevals() must be a function");
});
