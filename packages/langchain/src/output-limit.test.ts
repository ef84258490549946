import { FakeListChatModel } from "@langchain/core/utils/testing";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, drain, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const sent = () =>
  fake.requests.map(
    ({ receivedBody }) => receivedBody?.["max_completion_tokens"] ?? receivedBody?.["max_tokens"],
  );

describe("a budget's output limit", () => {
  test("is sent by a guarded model, in every kind of call, and leaves the model as it is", async () => {
    const { guard, records } = watchedGuard({ budgets: ["$0.01/day"] });
    const model = guardModel(chat(fake), guard);
    await model.invoke("hi");
    await drain(await model.stream("hi"));
    await drain(model.streamEvents("hi"));
    await model.bindTools([echo]).invoke("hi");
    for (const limit of sent()) expect(limit).toSatisfy((n) => Number(n) > 0 && Number(n) <= 5_000);
    expect(sent()).toHaveLength(4);
    expect(model.maxTokens).toBeUndefined();
    expect(records.map(({ bound }) => bound)).toEqual(Array(4).fill("enforced"));
  });

  test("is sent by an agent with the middleware", async () => {
    const { guard } = watchedGuard({ budgets: ["$0.01/day"] });
    await createAgent({
      model: chat(fake),
      tools: [],
      middleware: [guardMiddleware(guard)],
    }).invoke({ messages: [{ role: "user", content: "hi" }] });
    expect(Number(sent()[0])).toBeGreaterThan(0);
  });

  test("never raises the application's own", async () => {
    const { guard } = watchedGuard();
    await guardModel(chat(fake, { maxTokens: 77 }), guard).invoke("hi");
    expect(sent()).toEqual([77]);
  });

  test("is shared among the answers that one request asks for", async () => {
    const { guard, records } = watchedGuard();
    const model = guardModel(chat(fake, { n: 2, maxTokens: 100 }), guard);
    await thrownBy(() => model.invoke("hi")); // the fake provider gives one answer only
    expect(records[0]?.reservedNanoUsd).toBeGreaterThanOrEqual(2 * 100 * 2_000);
  });

  test("is only assumed by a callback, unless the request carries one", async () => {
    const { guard, records } = watchedGuard();
    await chat(fake).invoke("hi", { callbacks: [guardCallback(guard)] });
    await chat(fake, { maxTokens: 50 }).invoke("hi", { callbacks: [guardCallback(guard)] });
    expect(records.map(({ bound }) => bound)).toEqual(["assumed", "enforced"]);
  });

  test("is only assumed for a model that takes none", async () => {
    const { guard, records } = watchedGuard({ budgets: ["1M tokens/day"] });
    await guardModel(new FakeListChatModel({ responses: ["a"] }), guard).invoke("hi");
    expect(records.map(({ bound }) => bound)).toEqual(["assumed"]);
  });
});
