import { createGuard } from "@burnrate/core";
import { describe, expect, it } from "vitest";
import { lengthWithin } from "../rules/length-within.ts";
import { piiLeak } from "../rules/pii-leak.ts";
import type { CriterionEvaluator, CriterionResult } from "./criterion.ts";
import { defaultSuite, ragSuite, toolAgentSuite } from "./ready-suites.ts";

const judge: CriterionEvaluator = {
  name: "judge",
  on: "model",
  evaluate: ({ output }) => ({ passed: output !== "wrong", reason: "so it seems" }),
};
const names = (results: readonly CriterionResult[]): string[] => results.map(({ name }) => name);
const context = ["The moon is 384,400 km away from the earth.", "It has no air."];

describe("defaultSuite", () => {
  it("passes a plain answer, and fails one with personal data", async () => {
    expect(await defaultSuite().evaluate({ output: "It rains." })).toMatchObject({ passed: true });
    expect(await defaultSuite().evaluate({ output: "Ask jo@x.example." })).toMatchObject({
      passed: false,
      label: "required-failed",
    });
  });

  it("criteria are replaced by name, added and left out", async () => {
    const criteria = [
      { evaluator: piiLeak({ allow: ["@x.example"] }) },
      { evaluator: lengthWithin({ max: 99 }) },
    ];
    const mine = defaultSuite({ criteria, without: ["refusal", "notRepeated"] });
    const results = await mine.judge({ output: "Ask jo@x.example." });
    expect(names(results)).toEqual(["profanity", "piiLeak", "lengthWithin"]);
    expect(results.every(({ status }) => status === "passed")).toBe(true);
  });

  it("a judge is required", async () => {
    const judged = defaultSuite({ judge });
    expect(await judged.evaluate({ output: "right" })).toMatchObject({ passed: true });
    expect(await judged.evaluate({ output: "wrong" })).toMatchObject({ label: "required-failed" });
  });

  it("looks at what the suite looks at", async () => {
    await createGuard({ evaluators: [defaultSuite({ on: "task", required: true })] }).close();
    expect(() => defaultSuite({ on: "task", judge })).toThrow(".evaluator.on");
  });
});

describe("ragSuite", () => {
  it("passes what the documents say, fails what they do not, and needs documents", async () => {
    const input = "How far away is the moon?";
    const said = { input, output: "The moon is 384,400 km away [1].", context };
    expect(await ragSuite().evaluate(said)).toMatchObject({ passed: true });
    const made = { input, output: "Mars lost 7 rockets over Texas [9].", context };
    expect(await ragSuite().evaluate(made)).toMatchObject({ label: "required-failed" });
    expect(await ragSuite().evaluate({ input, output: said.output })).toMatchObject({
      label: "inconclusive",
    });
  });

  it("takes what the tools of the task answered, without the user passing it", async () => {
    await using guard = createGuard({ evaluators: [ragSuite({ required: true })] });
    const answered = (output: string) =>
      guard.task({ name: "ask" }, async () => {
        await guard.run({ kind: "tool", name: "search" }, async () => ({
          value: 1,
          output: context.join(" "),
        }));
        const request = {
          kind: "model",
          provider: "p",
          name: "m",
          input: "How far is it?",
        } as const;
        return guard.run(request, async () => ({ value: output, output }));
      });
    await expect(answered("The moon is 384,400 km away.")).resolves.toContain("384,400");
    await expect(answered("Mars lost 7 rockets over Texas.")).rejects.toMatchObject({
      code: "BR6001",
      details: { status: "failed" },
    });
  });

  it("with a judge, the words alone no longer decide", async () => {
    const [lexical, ...others] = await ragSuite({ judge }).judge({ output: "x", context });
    expect(lexical).toMatchObject({ name: "groundednessLexical", required: false, weight: 2 });
    expect(others.at(-1)).toMatchObject({ name: "judge", required: true, weight: 2 });
  });
});

describe("toolAgentSuite", () => {
  const tools = [{ name: "send", parameters: { type: "object", required: ["to"] } }];

  it("judges calls by the tools of the call, in a guard", async () => {
    await using guard = createGuard({ evaluators: [toolAgentSuite({ required: true })] });
    const call = (args: object) =>
      guard.run({ kind: "model", provider: "p", name: "m", input: { tools } }, async () => ({
        value: 1,
        output: [{ type: "tool-call", toolName: "send", input: args }],
      }));
    await expect(call({})).rejects.toMatchObject({ code: "BR6001" });
    await expect(call({ to: "Ann" })).resolves.toBe(1);
  });

  it("without tools there is no verdict", async () => {
    expect(await toolAgentSuite().evaluate({ output: "x" })).toMatchObject({
      label: "inconclusive",
    });
  });
});

it.each<[string, object]>([
  ["defaultSuite() has no option", { judges: [judge] }],
  ["defaultSuite().judge", { judge: () => true }],
  ["defaultSuite().criteria", { criteria: "x" }],
  ["defaultSuite().without[0]", { without: ["piileak"] }],
  ["suite().threshold", { threshold: 7 }],
])("wrong options are refused: %s", (message, options) => {
  expect(() => defaultSuite(options)).toThrow(message);
});
