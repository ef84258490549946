import { FakeListChatModel } from "@langchain/core/utils/testing";
import { describe, expect, it } from "vitest";
import type { ModelJudgeOptions } from "./model-judge.ts";
import { modelJudge } from "./model-judge.ts";
import { answer, scripted, settled } from "./test-fixture.ts";

const given = { output: "The moon is far." };

describe("a model judge", () => {
  it("gives the verdict of the model, with its reason", async () => {
    const { judge, asked } = scripted([answer("fail", "It breaks off.")]);
    expect(await judge.evaluate(given)).toEqual({
      passed: false,
      score: 0,
      label: "fail",
      reason: "It breaks off.",
    });
    expect(judge.name).toBe("coherence");
    expect(asked[0]?.schema).toMatchObject({
      required: ["reason", "verdict"],
      properties: { verdict: { enum: ["pass", "fail"] } },
    });
    expect(Object.keys(asked[0]?.schema["properties"] ?? {})).toEqual(["reason", "verdict"]);
  });

  it("takes a function that answers text alone", async () => {
    const judge = modelJudge({ model: () => answer("fail"), rubric: "coherence" });
    expect(await judge.evaluate(given)).toMatchObject({ passed: false, label: "fail" });
  });

  it("judges on a scale of your own", async () => {
    const scale = { wrong: 0, partly: 0.4, right: 1 };
    const { judge, asked } = scripted([answer("partly")], { scale, threshold: 0.3 });
    expect(await judge.evaluate(given)).toMatchObject({ passed: true, score: 0.4 });
    expect(asked[0]?.system).toMatch(/"right": .*\n"partly": between.*\n"wrong": /u);
  });

  it("judges by your own rubric", async () => {
    const rubric = {
      criterion: "Is it polite?",
      passes: "it greets",
      fails: "it insults",
      needs: ["input"],
    } as const;
    const { judge, asked } = scripted([answer("pass")], { rubric, name: "polite" });
    expect(await judge.evaluate({ ...given, input: "Hi" })).toMatchObject({ passed: true });
    expect(asked[0]?.system).toContain("Is it polite?");
    expect(asked[0]?.prompt).toMatch(
      /begin input .*\nHi\n.*begin output .*\nThe moon is far\.\n/su,
    );
  });

  it.each<[string, ModelJudgeOptions["rubric"], object, RegExp]>([
    ["an expected answer", "correctness", { input: "Q" }, /the expected answer is missing/u],
    ["a context", "groundedness", {}, /no context/u],
    ["a question", "relevance", {}, /the question is missing/u],
    ["tools", "toolUse", { input: "Q" }, /no tools/u],
    [
      "a tool call",
      "toolUse",
      { input: "Q", metadata: { tools: [{ name: "t" }] } },
      /no tool call/u,
    ],
    ["an output", "safety", { output: " " }, /output is empty/u],
    [
      "an output that can be read, beside its calls,",
      "toolUse",
      {
        input: "Q",
        output: "x".repeat(1_048_577),
        metadata: { tools: [{ name: "t" }], toolCalls: [{ name: "t", args: {} }] },
      },
      /more than 1048576 characters/u,
    ],
  ])("asks nothing without %s that its rubric needs", async (_, rubric, more, reason) => {
    const { judge, asked } = scripted([answer("pass")], { rubric });
    const verdict = await judge.evaluate({ ...given, ...more });
    expect(verdict).toMatchObject({ label: "inconclusive", reason: expect.stringMatching(reason) });
    expect(verdict.passed).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("cuts no text: one that is too long is not judged, and says by how much", async () => {
    const { judge, asked } = scripted([answer("pass")], { maxChars: 10 });
    expect(await judge.evaluate({ output: "12345678901" })).toEqual({
      label: "inconclusive",
      reason: "output has 11 characters, more than 10",
    });
    const huge = { output: "x".repeat(10_000_000) };
    expect(await judge.evaluate(huge)).toMatchObject({ label: "inconclusive" });
    expect(asked).toEqual([]);
  });

  it("does not judge what its own model wrote, unless it may", async () => {
    const own = { ...given, metadata: { model: "gpt-5" } };
    const { judge, asked } = scripted([answer("pass")], { modelId: "gpt-5" });
    expect(await judge.evaluate(own)).toMatchObject({ label: "inconclusive" });
    expect(asked).toEqual([]);
    const lenient = scripted([answer("pass")], { modelId: "gpt-5", allowSameModel: true });
    expect(await lenient.judge.evaluate(own)).toMatchObject({ passed: true });
  });

  it("has the expected value for a score where probabilities are known", async () => {
    const judged = (probability: unknown) =>
      scripted([{ text: answer("pass"), probability: probability as number }], {
        retries: 0,
      }).judge.evaluate(given);
    expect(await judged(0.8)).toMatchObject({ passed: true, score: 0.8 });
    expect(await judged({ pass: 0.5, fail: 0.125 })).toMatchObject({ passed: true, score: 0.8 });
    expect(await judged(0.3)).toMatchObject({
      label: "inconclusive",
      reason: "the verdict is pass, but its probabilities say otherwise",
    });
    for (const wrong of [Number.NaN, -1, 2, { good: 1 }, { pass: "1" }, {}, []]) {
      await expect(judged(wrong)).rejects.toMatchObject({ kind: "unreadable" });
    }
  });

  it("passes with a sure verdict at the threshold, however improbable the model says its word is", async () => {
    for (const partly of [0.95, 0.7, 0.35, 0.1]) {
      const reply = { text: answer("partly"), probability: { partly } };
      const scale = { wrong: 0, partly: 0.8, right: 1 };
      const { judge } = scripted([reply], { retries: 0, scale, threshold: 0.8 });
      expect(await judge.evaluate(given)).toMatchObject({ passed: true, score: 0.8 });
    }
  });

  it.each<[string, object, RegExp]>([
    ["a misspelt rubric", { rubric: "groundednes" }, /Did you mean "groundedness"/u],
    ["a rubric without a criterion", { rubric: { passes: "p", fails: "f" } }, /criterion/u],
    ["a scale of one label", { scale: { pass: 1 } }, /2 to 5 labels/u],
    ["a threshold above 1", { threshold: 2 }, /modelJudge\(\)\.threshold must be/u],
    ["no rubric", { rubric: undefined }, /"groundedness".* or an object/u],
    ["a scale on which all pass", { scale: { good: 0.9, better: 1 } }, /some labels reach/u],
    ["a score of NaN", { scale: { pass: Number.NaN, fail: 0 } }, /from 0 to 1/u],
    ["a model's name", { model: "openai/gpt-5" }, /language model object/u],
    [
      "an old specification",
      { model: { doGenerate: () => {}, specificationVersion: "v1" } },
      /v2/u,
    ],
    ["too many retries", { retries: 4 }, /retries/u],
    ["a deadline after the guard's own", { deadlineMs: 30_000 }, /deadlineMs/u],
    ["an empty budget", { budget: { perMs: 1 } }, /usd, calls or both/u],
    [
      "a budget in dollars without prices",
      { model: { invoke: () => {} }, budget: { usd: 1, perMs: 1 } },
      /priceOf/u,
    ],
    ["an unknown option", { promt: "x" }, /no option "promt"/u],
  ])("refuses %s", (_, options, message) => {
    const make = () =>
      modelJudge({ model: () => ({}), rubric: "safety", ...options } as ModelJudgeOptions);
    expect(make).toThrow(
      expect.objectContaining({ code: "BR9001", message: expect.stringMatching(message) }),
    );
  });
});

describe("a judge that answers garbage", () => {
  it.each<[string, unknown]>([
    ["nothing", ""],
    ["prose", "PASS"],
    ["prose around", `Sure! ${answer("pass")}`],
    ["prose behind", `${answer("pass")} Hope that helps.`],
    ["two objects", answer("fail") + answer("pass")],
    ["two lines of objects", `${answer("fail")}\n${answer("pass")}`],
    ["a list", `[${answer("pass")}]`],
    ["truncated JSON", answer("pass").slice(0, -1)],
    ["an unknown verdict", answer("PASS")],
    ["a verdict that is a property of every object", answer("constructor")],
    ["no reason", '{"verdict":"pass"}'],
    ["no verdict", '{"reason":"r"}'],
    ["a verdict of NaN", '{"reason":"r","verdict":NaN}'],
    ["a verdict that is a number", '{"reason":"r","verdict":1}'],
    ["the verdict twice", '{"reason":"r","verdict":"fail","verdict":"pass"}'],
    ["the verdict twice and no reason", '{"verdict":"fail","verdict":"pass"}'],
    ["more fields", '{"reason":"r","verdict":"pass","score":1}'],
    [
      "two fenced blocks",
      `\`\`\`json\n${answer("fail")}\n\`\`\`\n\`\`\`json\n${answer("pass")}\n\`\`\``,
    ],
    ["a broken escape", String.raw`{"reason":"\x","verdict":"pass"}`],
    ["a megabyte", answer("pass", "x".repeat(1_000_000))],
  ])("has no verdict for %s", async (_, text) => {
    const { judge, asked } = scripted([{ text: text as string }], { retries: 0 });
    await expect(judge.evaluate(given)).rejects.toMatchObject({
      name: "JudgeError",
      kind: "unreadable",
    });
    expect(asked).toHaveLength(1);
    expect(judge.figures()).toMatchObject({ calls: 1, unreadable: 1, retries: 0 });
  });

  it.each<[string, unknown]>([
    ["NaN for a verdict", { reason: "r", verdict: Number.NaN }],
    ["a score beside", { reason: "r", verdict: "pass", score: 1 }],
    ["a list", [{ reason: "r", verdict: "pass" }]],
    ["null", null],
  ])("has no verdict for an object with %s", async (_, object) => {
    const { judge } = scripted([{ object }], { retries: 0 });
    await expect(judge.evaluate(given)).rejects.toMatchObject({ kind: "unreadable" });
  });

  it("has no verdict for an object beside a text that is another verdict", async () => {
    const object = { reason: "r", verdict: "pass" };
    const ask = (text: string) =>
      scripted([{ text, object }], { retries: 0 }).judge.evaluate(given);
    await expect(ask(answer("fail"))).rejects.toMatchObject({ kind: "unreadable" });
    expect(await ask(answer("pass"))).toMatchObject({ passed: true });
    expect(await ask("I call the tool.")).toMatchObject({ passed: true });
  });

  it("may be LangChain's fake chat model, which answers what it parsed and no message", async () => {
    const ask = (text: string) => {
      const model = new FakeListChatModel({ responses: [text] });
      return modelJudge({ model, rubric: "coherence", retries: 0 }).evaluate(given);
    };
    expect(await ask(answer("fail"))).toMatchObject({ passed: false, score: 0 });
    await expect(ask(answer("maybe"))).rejects.toMatchObject({ kind: "unreadable" });
    await expect(ask("PASS")).rejects.toMatchObject({ name: "JudgeError" });
  });

  it("may put its one object into a fenced block, and its fields in the other order", async () => {
    for (const text of [
      `\`\`\`json\n${answer("pass")}\n\`\`\``,
      ` ${answer("pass")}\n`,
      '{ "verdict" : "pass", "reason" : "a \\"quote\\" and a brace }" }',
    ]) {
      expect(await scripted([{ text }]).judge.evaluate(given)).toMatchObject({ passed: true });
    }
  });

  it("is asked again as often as allowed, later each time, and not a word of it is in the error", async () => {
    const { judge, asked, clock } = scripted(["a secret"], { retries: 2 });
    const verdict = judge.evaluate(given).catch((error: unknown) => error);
    await settled();
    expect(asked).toHaveLength(1);
    clock.advance(249);
    await settled();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    await settled();
    expect(asked).toHaveLength(2);
    clock.advance(500);
    await settled();
    expect(String(await verdict)).not.toContain("secret");
    expect(asked).toHaveLength(3);
    expect(judge.figures()).toMatchObject({ calls: 3, retries: 2, unreadable: 3 });
    const nonces = asked.map(({ prompt }) => /begin output (\S+)>>>/u.exec(prompt)?.[1]);
    expect(new Set(nonces).size).toBe(3);
  });

  it("may come to its senses", async () => {
    const { judge, clock } = scripted(["no", answer("pass")]);
    const verdict = judge.evaluate(given);
    await settled();
    clock.advance(250);
    expect(await verdict).toMatchObject({ passed: true });
  });
});
