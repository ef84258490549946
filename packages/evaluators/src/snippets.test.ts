import { readFileSync } from "node:fs";
import { createF1Evaluator } from "@arizeai/phoenix-evals";
import { createGuard } from "@burnrate/core";
import { serveLoopback } from "@burnrate/core/testing";
import {
  answerRelevance,
  calibrate,
  createEvaluationSlis,
  createReviewSampler,
  driftCheck,
  exactMatch,
  fromAutoevals,
  fromLangfuse,
  fromOpenevals,
  fromPhoenix,
  groundednessLexical,
  horvitzThompson,
  type JudgeFunction,
  jury,
  type LabelledItem,
  lengthWithin,
  modelJudge,
  pairwise,
  parseLabels,
  piiLeak,
  ragSuite,
  suite,
  toBlocking,
  toLangfuse,
  toolCallValid,
} from "@burnrate/evaluators";
import { LangfuseClient } from "@langfuse/client";
import { Levenshtein } from "autoevals";
import { exactMatch as openevalsExactMatch } from "openevals";
import { describe, expect, it } from "vitest";

/** Every snippet of the pages below stands in this file, and runs. */
const PAGES = ["../README.md", "../../../docs/evaluators.md"];
const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");
const withoutIndent = (text: string): string => text.replace(/^ +/gmu, "").trim();

function labelled(): LabelledItem[] {
  const context = "The moon is 384,400 km away from the earth. It has no air.";
  return Array.from({ length: 60 }, (_, at) =>
    at % 2 === 0
      ? { output: "The moon is 384,400 km away.", context, good: true }
      : { output: `Mars lost ${at} rockets over Texas.`, context, good: false },
  );
}

describe("snippets of README and docs", () => {
  it("are in this file", () => {
    const source = withoutIndent(read("./snippets.test.ts"));
    const snippets = PAGES.flatMap((page) => [...read(page).matchAll(/```ts\n([\s\S]*?)```/gu)]);
    expect(snippets.length).toBeGreaterThan(4);
    for (const [, snippet = ""] of snippets) expect(source).toContain(withoutIndent(snippet));
  });

  it("hold streams back", async () => {
    const answered = createGuard({
      evaluators: [
        piiLeak({ required: true, onStream: { window: 64 } }), // stays 64 characters behind
        groundednessLexical({ required: true, onStream: "hold" }), // shows nothing before the verdict
      ],
    });
    const permit = await answered.begin({ kind: "model", name: "gpt-5" });
    expect(permit.holdsBack).toEqual({ characters: Number.POSITIVE_INFINITY });
    expect(await permit.review("Write to ann@example.org for more")).toBe(false);
    expect(permit.signal.reason).toMatchObject({ code: "BR6001" });
    await permit.fail(permit.signal.reason);
  });

  it("judge calls in a guard", async () => {
    const guard = createGuard({
      evaluators: [
        piiLeak({ required: true, allow: ["@acme.com"] }), // a leak is withheld, with BR6001
        groundednessLexical({ mode: "background", sample: 0.2 }), // recorded, costs the call nothing
        toolCallValid(), // recorded; sees the tools that the call offered
      ],
    });
    await guard.close();
  });

  it("judge by hand", () => {
    const verdict = groundednessLexical().evaluate({
      output: "Revenue fell by 47 %, said Anna Meyer.",
      context: ["Revenue fell by 12 % in spring.", "Anna Meyer leads the company."],
    });
    console.log(verdict.passed, verdict.score, verdict.label, verdict.reason);
    expect(verdict).toMatchObject({
      passed: expect.any(Boolean),
      reason: expect.stringContaining("47"),
    });
  });

  it("calibrate, and block only with leave", async () => {
    const evaluator = groundednessLexical();
    const labels = labelled();
    const calibration = await calibrate({ evaluator, labels }); // or a path: "labels.jsonl"
    if (calibration.fitted?.objection === undefined) {
      const blocking = toBlocking(evaluator, calibration, { threshold: "fitted" });
      createGuard({ evaluators: [blocking] });
    }
    const { drifted, wrong } = await driftCheck({ evaluator, canaries: labels, calibration });
    if (drifted) console.warn("judged otherwise than before:", wrong);
    expect(calibration.fitted).toMatchObject({ objection: undefined });
    expect(drifted).toBe(false);
  });

  it("read labels", () => {
    const labels = parseLabels('{"output":"…","context":["…"],"good":true}', "labels.jsonl");
    expect(labels).toHaveLength(1);
  });

  it("measure rates with intervals", async () => {
    const guard = createGuard();
    const slis = createEvaluationSlis();
    const stop = slis.follow(guard);
    const figures = slis.figures("groundednessLexical");
    console.log(figures?.passRate, figures?.coverage, figures?.errorRate, figures?.lagMs);
    expect(figures).toBeUndefined();
    stop();
    await guard.close();
  });

  it("judge with a model", async () => {
    const model: JudgeFunction = ({ prompt }) => ({
      text: JSON.stringify({
        reason: "It is.",
        verdict: prompt.includes('"tie"') ? "tie" : "pass",
      }),
    });
    const judge = modelJudge({
      model, // an AI SDK model, a LangChain chat model, or a function
      rubric: "groundedness",
      mode: "background",
      sample: 0.1,
      budget: { calls: 1_000, perMs: 3_600_000 },
    });
    const guard = createGuard({ evaluators: [judge] });
    console.log(judge.figures()); // calls, retries, cached, unreadable, timeouts, overBudget, costNanoUsd, …

    const polite = modelJudge({
      model,
      name: "polite",
      rubric: {
        criterion: "Is the output polite to the person who asks?",
        passes: "it is friendly or neutral",
        fails: "it is rude, mocking or blames the person",
        needs: ["input"], // also context, expected, tools, toolCalls
      },
    });
    console.log(await polite.evaluate({ input: "Hi", output: "Hello!" }));

    const models = [model, model, model];
    const judges = models.map((model) => modelJudge({ model, rubric: "safety" }));
    const panel = jury({ name: "safety", judges, quorum: 2, required: true });
    const verdict = await panel.evaluate({ output: "Hello!" });
    console.log(verdict.passed, verdict.votes.disagreement);

    const versions = { input: "Hi", first: "Hello!", second: "What?" };
    const { winner } = await pairwise({ model, rubric: "helpfulness" }).compare(versions);
    expect([verdict.passed, winner]).toEqual([true, "tie"]);
    await guard.close();
  });

  it("choose calls for review", () => {
    const sampler = createReviewSampler({ passed: 0.02, failed: 0.5 }, "a secret of yours");
    const { chosen, probability } = sampler("call-1", false);
    const rate = horvitzThompson([{ value: 0, probability }]);
    expect([typeof chosen, rate.estimate]).toEqual(["boolean", 0]);
  });

  const answers = suite({
    name: "answers",
    criteria: [
      { evaluator: piiLeak(), required: true, weight: 0 }, // a gate: it adds nothing to the score
      { evaluator: groundednessLexical(), weight: 2 },
      { evaluator: answerRelevance() },
    ],
    required: true,
  });
  const withAnswers = createGuard({ evaluators: [answers] });

  it("judge by several criteria", async () => {
    const results = await answers.judge({ input: "Is the moon far?", output: "The moon is far." });
    for (const { name, status, score, reason } of results) console.log(name, status, score, reason);
    expect(results.map(({ status }) => status)).toEqual(["passed", "unsure", "passed"]);
    await withAnswers.close();
  });

  it("judge by a ready suite", async () => {
    const judge = exactMatch();
    const ready = ragSuite({
      judge, // any evaluator
      criteria: [{ evaluator: lengthWithin({ max: 2_000 }) }], // added, or in place of one of that name
      without: ["answerRelevance"],
      mode: "background",
    });
    const names = (await ready.judge({ output: "x" })).map(({ name }) => name);
    expect(names.slice(-2)).toEqual(["exactMatch", "lengthWithin"]);
  });

  it("take evaluators of other libraries", async () => {
    const near = fromAutoevals(Levenshtein, { threshold: 0.8 });
    const exact = fromOpenevals(openevalsExactMatch);
    const polite = fromLangfuse(
      async ({ output }: { output: string }) => ({ name: "polite", value: /please/.test(output) }),
      { name: "polite", direction: "maximize" },
    );
    const f1 = fromPhoenix(createF1Evaluator({ average: "macro" }), { requires: ["expected"] });
    const guarded = createGuard({ evaluators: [polite, { ...near, mode: "background" }] });
    await guarded.close();
    const text = { output: "please", expected: "please" };
    const labels = { output: ["a", "b"], expected: ["a", "b"] };
    expect(await exact.evaluate(text)).toMatchObject({ score: 1 });
    expect(await polite.evaluate(text)).toMatchObject({ score: 1 });
    expect(await f1.evaluate(labels)).toMatchObject({ score: 1 });
  });

  it("run in experiments of Langfuse", async () => {
    const server = await serveLoopback(() => Response.json({ successes: [], errors: [] }));
    const keys = { publicKey: "pk-lf-test", secretKey: "sk-lf-test" };
    const langfuse = new LangfuseClient({ ...keys, baseUrl: server.url });
    const ask = (question: unknown): string => (`${question}`.includes("France") ? "Paris" : "?");
    const experiment = await langfuse.experiment.run({
      name: "capitals",
      data: [{ input: "Capital of France?", expectedOutput: "Paris" }],
      task: async ({ input }) => ask(input),
      evaluators: [toLangfuse(exactMatch()), toLangfuse(answers)],
    });
    const [item] = experiment.itemResults;
    expect(item?.evaluations.map(({ name, value }) => [name, value])).toEqual([["exactMatch", 1]]);
    await langfuse.shutdown();
    await server.close();
  });
});
