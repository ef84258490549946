import { createGuard, type Evaluator } from "@burnrate/core";
import { type LoopbackServer, serveLoopback } from "@burnrate/core/testing";
import { LangfuseClient } from "@langfuse/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exactMatch } from "../rules/exact-match.ts";
import { ragSuite } from "../suites/ready-suites.ts";
import { fromLangfuse } from "./from-langfuse.ts";
import { toLangfuse } from "./to-langfuse.ts";

let server: LoopbackServer;
let langfuse: LangfuseClient;
beforeAll(async () => {
  server = await serveLoopback(() => Response.json({ successes: [], errors: [] }, { status: 207 }));
  const keys = { publicKey: "pk-lf-test", secretKey: "sk-lf-test" };
  langfuse = new LangfuseClient({ ...keys, baseUrl: server.url });
});
afterAll(async () => {
  await langfuse.shutdown();
  await server.close();
});

const polite = async ({ output }: { output: unknown }) => ({
  name: "polite",
  value: `${output}`.includes("please") ? 1 : 0,
  comment: "looked for the word",
});
const plain: Evaluator = { name: "plain", on: "model", evaluate: () => ({ passed: false }) };
const unsure: Evaluator = { name: "unsure", on: "model", evaluate: () => ({}) };
const nan: Evaluator = {
  name: "nan",
  on: "model",
  evaluate: () => ({ passed: true, score: Number.NaN }),
};
const broken: Evaluator = {
  name: "broken",
  on: "model",
  evaluate: () => Promise.reject(new Error("no judge")),
};
const hanging: Evaluator = {
  name: "hanging",
  on: "model",
  timeoutMs: 50,
  evaluate: () => new Promise(() => {}),
};

describe("toLangfuse", () => {
  it("runs ours in an experiment; what was not measured is nothing there, and never a 0", async () => {
    const result = await langfuse.experiment.run({
      name: "capitals",
      data: [
        {
          input: "France",
          expectedOutput: "Paris",
          metadata: { context: "The capital is Paris." },
        },
        { input: "Spain" },
      ],
      task: async () => "Paris",
      evaluators: [
        toLangfuse(exactMatch()),
        toLangfuse(ragSuite({ without: ["answerRelevance"] })),
        toLangfuse(fromLangfuse(polite, { direction: "maximize" })),
        ...[plain, unsure, nan, broken, hanging].map((one) => toLangfuse(one)),
        async ({ output }) => ({ name: "length", value: `${output}`.length }),
      ],
    });
    const values = result.itemResults.map(({ evaluations }) =>
      Object.fromEntries(evaluations.map(({ name, value }) => [name, value])),
    );
    const both = { polite: 0, plain: 0, length: 5 };
    expect(values).toEqual([{ exactMatch: 1, ragSuite: 1, ...both }, both]);
    expect(result.itemResults[0]?.evaluations[0]).toEqual({
      name: "exactMatch",
      value: 1,
      dataType: "NUMERIC",
      comment: "the output is the expected value",
      metadata: { passed: true, label: "match" },
    });
  });

  it.each([
    { passed: true, score: 7 },
    { passed: true, score: -1 },
    { passed: "yes" as never, score: 1 },
  ])("is handed no evaluation that a guard would call an error: %j", async (evaluation) => {
    const odd = toLangfuse({ name: "odd", on: "model", evaluate: () => evaluation });
    expect(await odd({ input: "a", output: "b" })).toEqual([]);
  });

  it("keeps the evaluator's name, for Langfuse's log", () => {
    expect(toLangfuse(broken).name).toBe("broken");
  });

  it("what is no evaluator is refused", () => {
    expect(() => toLangfuse({ name: "x" } as never)).toThrow("toLangfuse().evaluate");
    expect(() => toLangfuse({ ...plain, name: "" })).toThrow("toLangfuse().name");
    expect(() => toLangfuse({ ...plain, timeoutMs: 0 })).toThrow("toLangfuse().timeoutMs");
  });
});

describe("fromLangfuse", () => {
  it("runs theirs in a guard", async () => {
    const evaluator = fromLangfuse(polite, { direction: "maximize", required: true });
    await using guard = createGuard({ evaluators: [evaluator] });
    const ask = (output: string) =>
      guard.run({ kind: "model", provider: "p", name: "m" }, async () => ({ value: 1, output }));
    await expect(ask("Sit down, please.")).resolves.toBe(1);
    await expect(ask("Sit!")).rejects.toMatchObject({ code: "BR6001" });
  });

  it("sees input, output, expected output and metadata under Langfuse's names", async () => {
    const seen: unknown[] = [];
    const spy = async ({ input, output, expectedOutput, metadata }: Record<string, unknown>) => {
      seen.push([input, output, expectedOutput, metadata]);
      return { name: "spy", value: true };
    };
    const verdict = await fromLangfuse(spy, { direction: "maximize" }).evaluate({
      input: "a",
      output: "b",
      expected: "c",
      metadata: { d: 1 },
    });
    expect(seen).toEqual([["a", "b", "c", { d: 1 }]]);
    expect(verdict).toMatchObject({ passed: true, score: 1 });
  });

  it("a category is worth what the options say, and otherwise nothing", async () => {
    const tone = async ({ output }: { output: unknown }) => ({ name: "tone", value: `${output}` });
    const judged = fromLangfuse(tone, { scores: { kind: 1, neutral: 0.5, rude: 0 } });
    expect(await judged.evaluate({ output: "neutral" })).toMatchObject({
      passed: true,
      score: 0.5,
      label: "neutral",
    });
    expect(await judged.evaluate({ output: "rude" })).toMatchObject({ passed: false });
    for (const output of ["constructor", "odd"]) {
      expect(await judged.evaluate({ output })).toMatchObject({ label: "inconclusive" });
    }
  });

  it("direction and name must be given when they cannot be known", () => {
    expect(() => fromLangfuse(polite)).toThrow("fromLangfuse().direction");
    expect(() => fromLangfuse(async () => [], { direction: "maximize" })).toThrow(
      "fromLangfuse().name",
    );
    expect(() => fromLangfuse(null as never)).toThrow("fromLangfuse() must be a function");
  });
});
