import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  bindEvaluator,
  createDocumentRelevanceEvaluator,
  createEvaluator,
  createFaithfulnessEvaluator,
  createHallucinationEvaluator,
  createPrecisionEvaluator,
  createRefusalEvaluator,
} from "@arizeai/phoenix-evals";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromPhoenix } from "./from-phoenix.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.reset());
afterAll(() => provider.close());

const model = () =>
  createOpenAICompatible({ name: "fake", baseURL: provider.url, supportsStructuredOutputs: true })(
    "gpt-4.1-mini",
  );
const say = (label: string): void =>
  provider.next({ kind: "reply", text: JSON.stringify({ explanation: "Page 3 says so.", label }) });
const item = { input: "How far?", output: "Far.", context: "It is far." };

describe("evaluators of Phoenix, unchanged", () => {
  it("say themselves which end of their score is good", async () => {
    say("faithful");
    const faithful = fromPhoenix(createFaithfulnessEvaluator({ model: model() }));
    expect(faithful.name).toBe("faithfulness");
    expect(await faithful.evaluate(item)).toEqual({
      passed: true,
      score: 1,
      label: "above-threshold",
      reason: "Page 3 says so.",
    });
    say("hallucinated");
    const hallucination = fromPhoenix(createHallucinationEvaluator({ model: model() }));
    expect(await hallucination.evaluate(item)).toMatchObject({ passed: false, score: 0 });
  });

  it("code evaluators run as they are", async () => {
    const short = createEvaluator(
      ({ output }: { output: string }) => (output.length < 10 ? 1 : 0),
      {
        name: "short",
      },
    );
    expect(await fromPhoenix(short).evaluate(item)).toMatchObject({ passed: true, score: 1 });
    const precision = fromPhoenix(createPrecisionEvaluator({}), { requires: ["expected"] });
    const labels = { output: ["a", "a"], expected: ["a", "b"] };
    expect(await precision.evaluate(labels)).toMatchObject({ score: expect.any(Number) });
  });

  it("a boolean, which Phoenix loses, measures nothing", async () => {
    const lost = fromPhoenix(createEvaluator(() => true, { name: "lost" }));
    expect(await lost.evaluate(item)).toEqual({
      label: "inconclusive",
      reason: "it measured nothing",
    });
  });

  it("are not asked without what their template reads", async () => {
    const faithful = fromPhoenix(createFaithfulnessEvaluator({ model: model() }));
    expect(await faithful.evaluate({ input: "?", output: "x" })).toMatchObject({
      label: "inconclusive",
      reason: "no context to compare with",
    });
    expect(provider.requestCount()).toBe(0);
  });

  it("a template that reads what nobody provides must be bound", async () => {
    const relevance = createDocumentRelevanceEvaluator({ model: model() });
    expect(() => fromPhoenix(relevance)).toThrow("the template's documentText must be bound");
    say("relevant");
    const bound = bindEvaluator(relevance, { inputMapping: { documentText: "context" } });
    expect(await fromPhoenix(bound as never).evaluate(item)).toMatchObject({ passed: true });
  });

  it("a neutral one must be told what is good", async () => {
    const refusal = createRefusalEvaluator({ model: model() });
    expect(() => fromPhoenix(refusal)).toThrow("fromPhoenix().direction");
    say("refused");
    const refuses = fromPhoenix(refusal, { direction: "minimize" });
    expect(await refuses.evaluate(item)).toMatchObject({ passed: false });
  });

  it("a model that hangs ends at the deadline, without a verdict", async () => {
    provider.next({ kind: "stall" });
    const slow = fromPhoenix(createFaithfulnessEvaluator({ model: model() }), { timeoutMs: 200 });
    expect(await slow.evaluate(item)).toEqual({
      label: "inconclusive",
      reason: "no verdict within 200 ms",
    });
  });
});

it("what is no evaluator is refused", () => {
  expect(() => fromPhoenix((() => 1) as never)).toThrow("fromPhoenix() must be an object");
  expect(() => fromPhoenix({ name: "x" } as never)).toThrow("fromPhoenix().evaluate");
});
