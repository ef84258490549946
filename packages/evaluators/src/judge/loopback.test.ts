import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createFakeClock, type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { ChatOpenAI } from "@langchain/openai";
import { wrapLanguageModel } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { JudgeModel } from "./judge-model.ts";
import { type ModelJudgeOptions, modelJudge } from "./model-judge.ts";
import { answer } from "./test-fixture.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const openAi = (structured: boolean) =>
  createOpenAICompatible({
    name: "openai",
    baseURL: fake.url,
    apiKey: "none",
    supportsStructuredOutputs: structured,
  })("gpt-5-mini");
/** With its own retries as they come: six. */
const chat = (fields: object = {}) =>
  new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: fake.url },
    ...fields,
  });

const models: readonly (readonly [string, () => JudgeModel])[] = [
  ["an AI SDK model", () => openAi(true)],
  ["an AI SDK model without structured output", () => openAi(false)],
  ["a wrapped AI SDK model", () => wrapLanguageModel({ model: openAi(true), middleware: [] })],
  ["a LangChain chat model", () => chat()],
  ["a LangChain chat model with options bound", () => chat().withConfig({ tags: ["judge"] })],
];

const given = { output: "Mars has two moons.", context: "Phobos and Deimos orbit Mars." };

describe.each(models)("%s as a judge", (_, model) => {
  const make = (options: Partial<ModelJudgeOptions> = {}) => {
    const clock = createFakeClock();
    const judge = modelJudge({
      model: model(),
      rubric: "groundedness",
      clock,
      retries: 0,
      priceOf: ({ inputTokens, outputTokens }) => (inputTokens + outputTokens) * 1e-6,
      ...options,
    });
    return { judge, clock };
  };
  const attempt = async (options: Partial<ModelJudgeOptions> = {}) => {
    const { judge } = make(options);
    const ended = await judge.evaluate(given).catch((error: unknown) => error);
    return { ended, figures: judge.figures() };
  };

  it("gives its verdict, from the user's turn only, and says what it cost", async () => {
    fake.next({ kind: "reply", text: answer("pass", "Both moons are named.") });
    const { ended, figures } = await attempt();
    expect(ended).toMatchObject({ passed: true, score: 1, reason: "Both moons are named." });
    const [request] = fake.requests;
    const { messages = [] } = (request?.receivedBody ?? {}) as { messages?: { role: string }[] };
    const [system, user] = messages;
    expect([system?.role, user?.role]).toEqual([
      expect.stringMatching(/system|developer/u),
      "user",
    ]);
    expect(JSON.stringify(system)).not.toContain("Phobos");
    expect(JSON.stringify(user)).toContain("Phobos");
    const { inputTokens = 0, outputTokens = 0 } = request?.usage ?? {};
    expect(figures.costNanoUsd).toBe((inputTokens + outputTokens) * 1_000);
  });

  it.each<[string, string]>([
    ["garbage", "PASS, I think"],
    ["two objects", answer("fail") + answer("pass")],
    ["NaN", '{"reason":"r","verdict":NaN}'],
    ["truncated JSON", answer("pass").slice(0, -2)],
    ["a wrong verdict", answer("supported")],
    ["a refusal in words", "I'm sorry, but I can't help with that."],
    ["what the text told it to", "PASS"],
  ])("that answers %s has no verdict", async (__, text) => {
    fake.next({ kind: "reply", text });
    const { ended } = await attempt();
    expect(ended).toMatchObject({ name: "JudgeError", kind: "unreadable" });
    expect(fake.requestCount()).toBe(1);
  });

  it.each<[string, "length" | "content_filter", RegExp]>([
    ["is cut off", "length", /unreadable/u],
    ["is filtered", "content_filter", /refused/u],
  ])(
    "whose answer %s has no verdict, even if it looks like one",
    async (__, finishReason, kind) => {
      fake.next({ kind: "reply", text: answer("pass"), finishReason });
      const { ended } = await attempt();
      expect(ended).toMatchObject({ name: "JudgeError", kind: expect.stringMatching(kind) });
    },
  );

  it("that fails with 500 is asked once, and again only as often as allowed", async () => {
    fake.script(() => ({ kind: "fail", status: 500 }));
    expect((await attempt()).ended).toMatchObject({ name: "JudgeError", kind: "provider" });
    expect(fake.requestCount()).toBe(1);
    fake.reset();
    fake.script([{ kind: "fail", status: 500 }]);
    fake.forModel("gpt-5-mini", { kind: "fail", status: 503 });
    const { judge, clock } = make({ retries: 1 });
    const verdict = judge.evaluate(given);
    await vi.waitFor(() => expect(judge.figures().failed).toBe(1));
    fake.forModel("gpt-5-mini", { kind: "reply", text: answer("pass") });
    clock.advance(250);
    expect(await verdict).toMatchObject({ passed: true });
    expect(fake.requestCount()).toBe(2);
  });

  it("that is limited waits as long as it is told", async () => {
    fake.next({ kind: "rate-limit", retryAfterSeconds: 3 });
    fake.forModel("gpt-5-mini", { kind: "reply", text: answer("fail") });
    const { judge, clock } = make({ retries: 1 });
    const verdict = judge.evaluate(given);
    await vi.waitFor(() => expect(judge.figures().failed).toBe(1));
    clock.advance(2_999);
    expect(fake.requestCount()).toBe(1);
    clock.advance(1);
    expect(await verdict).toMatchObject({ passed: false });
    expect(fake.requestCount()).toBe(2);
  });

  it("that hangs is cut at the deadline", async () => {
    fake.next({ kind: "stall" });
    const { judge, clock } = make({ deadlineMs: 5_000 });
    const verdict = expect(judge.evaluate(given)).rejects.toMatchObject({ kind: "timeout" });
    await fake.waitForRequests(1);
    clock.advance(5_000);
    await verdict;
    await fake.idle(); // the connection was closed
  });

  it("that breaks off in the middle of an answer has no verdict", async () => {
    fake.next({ kind: "cut", text: answer("pass"), afterChunks: 2 });
    expect((await attempt()).ended).toMatchObject({ name: "JudgeError", kind: "provider" });
    fake.next({ kind: "malformed", text: answer("pass") });
    expect((await attempt()).ended).toMatchObject({ name: "JudgeError" });
  });

  it("that costs too much is not asked further", async () => {
    fake.script(() => ({ kind: "reply", text: answer("pass") }));
    const { judge } = make({ budget: { usd: 1e-6, perMs: 60_000 }, cache: false });
    expect(await judge.evaluate(given)).toMatchObject({ passed: true });
    expect(await judge.evaluate(given)).toMatchObject({ label: "inconclusive" });
    expect(fake.requestCount()).toBe(1);
  });

  it("does not judge what it wrote itself", async () => {
    const { judge } = make();
    const own = { ...given, metadata: { model: "gpt-5-mini" } };
    expect(await judge.evaluate(own)).toMatchObject({ label: "inconclusive" });
    expect(fake.requestCount()).toBe(0);
  });
});

describe("a LangChain chat model that must call a tool", () => {
  const calling = (...calls: (string | object)[]) =>
    fake.next({
      kind: "reply",
      toolCalls: calls.map((args) => ({ name: "verdict", arguments: args as string })),
    });
  // A model of this name has no JSON schema of its own, so LangChain forces a tool call.
  const judge = () =>
    modelJudge({ model: chat({ model: "gpt-4" }), rubric: "groundedness", retries: 0 });
  beforeEach(() => fake.close());
  beforeEach(async () => {
    const rates = { "gpt-4": { inputNano: 1, cachedInputNano: 1, outputNano: 1 } };
    fake = await startFakeProvider({ rates });
  });

  it("answers by one call, and not by two or broken ones", async () => {
    calling({ reason: "r", verdict: "pass" });
    expect(await judge().evaluate(given)).toMatchObject({ passed: true });
    for (const calls of [
      [
        { reason: "r", verdict: "fail" },
        { reason: "r", verdict: "pass" },
      ],
      ['{"reason":"r","verdict":"pa'],
      [{ reason: "r", verdict: "pass", score: 1 }],
      [{ verdict: "pass" }],
    ]) {
      calling(...calls);
      await expect(judge().evaluate(given)).rejects.toMatchObject({ kind: "unreadable" });
    }
    const two = ["fail", "pass"].map((verdict) => ({
      name: "verdict",
      arguments: { reason: "r", verdict },
    }));
    fake.next({ kind: "reply", text: answer("pass"), toolCalls: two });
    await expect(judge().evaluate(given)).rejects.toMatchObject({ kind: "unreadable" });
  });
});
