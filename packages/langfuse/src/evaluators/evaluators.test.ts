import { createGuard, type Evaluator } from "@burnrate/core";
import { type LoopbackServer, serveLoopback } from "@burnrate/core/testing";
import { LangfuseClient } from "@langfuse/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEYS } from "../testing/langfuse-server.ts";
import { fromLangfuse } from "./from-langfuse.ts";
import type { LangfuseEvaluator } from "./judge.ts";
import { toLangfuseEvaluator } from "./to-langfuse-evaluator.ts";

let server: LoopbackServer;
beforeAll(async () => {
  server = await serveLoopback(() => Response.json({ successes: [], errors: [] }, { status: 207 }));
});
afterAll(() => server.close());

const exact = {
  name: "exact",
  evaluate: ({ output, expected }: { output: unknown; expected?: unknown }) => ({
    passed: output === expected,
    reason: "compared letter by letter",
  }),
};
const unsure: Evaluator = { name: "unsure", on: "model", evaluate: () => ({}) };
const scored: Evaluator = { name: "scored", on: "model", evaluate: () => ({ score: 0.25 }) };

it("our evaluators run in langfuse.experiment.run, and theirs beside them", async () => {
  const langfuse = new LangfuseClient({ ...KEYS, baseUrl: server.url });
  const result = await langfuse.experiment.run({
    name: "spelling",
    data: [
      { input: "a", expectedOutput: "A" },
      { input: "b", expectedOutput: "b" },
    ],
    task: async ({ input }) => `${input}`.toUpperCase(),
    evaluators: [
      toLangfuseEvaluator(exact),
      toLangfuseEvaluator(unsure),
      toLangfuseEvaluator(scored),
      async ({ output }) => ({ name: "length", value: `${output}`.length }),
    ],
  });
  const values = result.itemResults.map(({ evaluations }) =>
    Object.fromEntries(evaluations.map(({ name, value }) => [name, value])),
  );
  expect(values).toEqual([
    { exact: 1, "unsure.status": "unsure", scored: 0.25, length: 1 },
    { exact: 0, "unsure.status": "unsure", scored: 0.25, length: 1 },
  ]);
  expect(result.itemResults[0]?.evaluations[0]?.comment).toBe("compared letter by letter");
  await langfuse.shutdown();
});

describe("an evaluator of theirs in a guard", () => {
  const OPTIONS = { name: "theirs", on: "tool", required: true } as const;
  const run = (evaluator: LangfuseEvaluator, options = {}): Promise<unknown> => {
    const guard = createGuard({
      evaluators: [fromLangfuse(evaluator, { ...OPTIONS, ...options })],
    });
    return guard.run({ kind: "tool", name: "search", input: "q" }, () => ({
      value: 1,
      output: "found",
    }));
  };

  it("sees input and output, and passes at its threshold", async () => {
    const seen: unknown[] = [];
    await run(async ({ input, output }) => {
      seen.push([input, output]);
      return { name: "x", value: 0.5 };
    });
    expect(seen).toEqual([["q", "found"]]);
  });

  it.each<[string, Awaited<ReturnType<LangfuseEvaluator>>]>([
    ["below its threshold", { name: "x", value: 0.49 }],
    [
      "of several, of which one fails",
      [
        { name: "x", value: 1 },
        { name: "y", value: 0 },
      ],
    ],
    ["that is a text nobody named as a pass", { name: "x", value: "good" }],
    ["that is empty", []],
  ])("refuses a result %s", async (_, evaluation) => {
    await expect(run(async () => evaluation)).rejects.toMatchObject({ code: "BR6001" });
  });

  it("passes a text that is named as a pass", async () => {
    await run(async () => ({ name: "x", value: "good" }), { passes: ["good"] });
  });

  it("fails closed when it throws", async () => {
    const broken: LangfuseEvaluator = () => Promise.reject(new Error("no judge"));
    await expect(run(broken)).rejects.toMatchObject({ code: "BR6001" });
  });
});

it("what is no evaluator is refused when it is given", () => {
  expect(() => fromLangfuse({} as never, { name: "x", on: "model" })).toThrow(/fromLangfuse/);
});
