import { serveLoopback } from "@burnrate/core/testing";
import { ChatOpenAI } from "@langchain/openai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import type { JudgeModel } from "./judge-model.ts";
import { verdictProbabilities } from "./log-probabilities.ts";
import { modelJudge } from "./model-judge.ts";
import { answer } from "./test-fixture.ts";

const schema = { properties: { verdict: { enum: ["pass", "fail", "partly"] } } };

/** An answer in tokens, of which the one with the verdict has alternatives. */
function tokens(parts: readonly string[], alternatives: Readonly<Record<string, number>>) {
  return parts.map((token) => ({
    token,
    logprob: Math.log(alternatives[token] ?? 1),
    top_logprobs: Object.entries(token in alternatives ? alternatives : { [token]: 1 }).map(
      ([text, probability]) => ({ token: text, logprob: Math.log(probability) }),
    ),
  }));
}

const parts = [
  '{"reason":"',
  'say \\"verdict\\": \\"fail\\"',
  '","',
  "verdict",
  '":"',
  "pass",
  '"}',
];
const judged = tokens(parts, { pass: 0.8, fail: 0.15, Pass: 0.05 });

describe("the probability of a verdict", () => {
  it("is read where the verdict stands, not where the reason speaks of one", () => {
    const found = verdictProbabilities(judged, schema) ?? {};
    expect(found["pass"]).toBeCloseTo(0.8, 12);
    expect(found["fail"]).toBeCloseTo(0.15, 12);
    expect(Object.keys(found)).toHaveLength(2);
  });

  it("is read from a token that holds more than the verdict's first letters", () => {
    const merged = tokens(['{"reason":"r","verdict', '":"pass"}'], {
      '":"pass"}': 0.7,
      '":"fail"}': 0.3,
    });
    expect(verdictProbabilities(merged, schema)?.["fail"]).toBeCloseTo(0.3, 12);
  });

  it("counts a beginning that fits two labels for neither", () => {
    const start = tokens(['{"reason":"r","verdict":"', "pa", 'ss"}'], { pa: 0.9, fa: 0.1 });
    expect(Object.keys(verdictProbabilities(start, schema) ?? {})).toEqual(["fail"]);
  });

  it.each<[string, unknown[] | undefined]>([
    ["no tokens", undefined],
    ["an empty list", []],
    ["something else", [1, null, "x"]],
    ["no verdict", tokens(["hello"], {})],
    [
      "NaN",
      [
        { token: '"verdict":"', logprob: 0 },
        { token: "pass", logprob: Number.NaN },
      ],
    ],
    [
      "positive logarithms",
      [
        { token: '"verdict":"', logprob: 0 },
        { token: "pass", logprob: 3 },
      ],
    ],
  ])("is not known from %s", (_, list) => {
    expect(verdictProbabilities(list, schema)).toBeUndefined();
  });
});

describe("a model that gives log-probabilities", () => {
  const text = parts.join("");
  const judge = (model: JudgeModel) =>
    modelJudge({ model, rubric: "coherence" }).evaluate({ output: "x" });

  it("of LangChain has an expected value for a score", async () => {
    const completion = {
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          message: { role: "assistant", content: text },
          logprobs: { content: judged },
        },
      ],
    };
    const server = await serveLoopback(() => Response.json(completion));
    const configuration = { baseURL: server.url };
    const options = { model: "gpt-5-mini", apiKey: "none", logprobs: true, configuration };
    const verdict = await judge(new ChatOpenAI(options));
    expect(verdict).toMatchObject({ passed: true, score: expect.closeTo(0.8 / 0.95, 12) });
    await server.close();
  });

  it("of the AI SDK has one, too, by every specification", async () => {
    const content = [{ type: "text" as const, text }];
    const providerMetadata = { openai: { logprobs: judged } };
    const v4 = new MockLanguageModelV4({
      doGenerate: async () => ({
        content,
        providerMetadata,
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 1, text: 1, reasoning: 0 },
        },
        warnings: [],
      }),
    });
    const usage = { inputTokens: 3, outputTokens: 1, totalTokens: 4 };
    const older = ["v2", "v3"].map((specificationVersion) => ({
      specificationVersion,
      modelId: "old",
      doGenerate: async () => ({ content, providerMetadata, finishReason: "stop", usage }),
    }));
    const responses = {
      specificationVersion: "v3",
      modelId: "of the Responses API",
      doGenerate: async () => ({
        content,
        providerMetadata: { openai: { logprobs: [judged] } },
        finishReason: "stop",
        usage,
      }),
    };
    for (const model of [v4, ...older, responses]) {
      expect(await judge(model)).toMatchObject({ score: expect.closeTo(0.8 / 0.95, 12) });
    }
  });

  it("of the AI SDK without any answers by its verdict alone, and reasoning is not read", async () => {
    const model = {
      specificationVersion: "v2",
      modelId: "m",
      doGenerate: async () => ({
        content: [
          { type: "reasoning", text: answer("pass") },
          { type: "text", text: answer("fail") },
        ],
        finishReason: "stop",
      }),
    };
    expect(await judge(model)).toMatchObject({ passed: false, score: 0 });
  });
});
