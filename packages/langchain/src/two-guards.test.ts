import { findGuardError, type GuardOptions } from "@burnrate/core";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  money,
  provider,
  thrownBy,
  type WatchedGuard,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

/** Nothing fits into it. */
const TIGHT: GuardOptions = { budgets: ["$0.00004/day"] };
const LONG = "word ".repeat(3_000);

type Ask = (model: ChatOpenAI, outer: WatchedGuard, inner: WatchedGuard) => Promise<unknown>;
const MODELS: Readonly<Record<string, Ask>> = {
  "guardModel around guardModel": (model, outer, inner) =>
    guardModel(guardModel(model, inner.guard), outer.guard).invoke("hi"),
  "the same, streamed": async (model, outer, inner) =>
    drain(await guardModel(guardModel(model, inner.guard), outer.guard).stream("hi")),
  "guardMiddleware around guardModel": (model, outer, inner) =>
    createAgent({
      model: guardModel(model, inner.guard),
      tools: [],
      middleware: [guardMiddleware(outer.guard)],
    }).invoke({ messages: [{ role: "user", content: "hi" }] }),
};
const CALLBACKS: Readonly<Record<string, Ask>> = {
  "guardCallback beside guardModel": (model, outer, inner) =>
    guardModel(model, inner.guard).invoke("hi", { callbacks: [guardCallback(outer.guard)] }),
  "two callbacks": (model, outer, inner) =>
    model.invoke("hi", { callbacks: [guardCallback(outer.guard), guardCallback(inner.guard)] }),
  "two callbacks, the other way round": (model, outer, inner) =>
    model.invoke("hi", { callbacks: [guardCallback(inner.guard), guardCallback(outer.guard)] }),
};

describe.each(Object.entries({ ...MODELS, ...CALLBACKS }))("two guards: %s", (_, ask) => {
  test("what the second refuses costs the first nothing", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard(TIGHT);
    const error = await thrownBy(() => ask(chat(fake), outer, inner));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(inner.refused).toHaveLength(1);
    expect(fake.requestCount()).toBe(0);
    await expect.poll(() => money(outer.guard)).toEqual({ held: 0, spent: 0 });
  });

  test("both charge what was billed", async () => {
    const outer = watchedGuard();
    const inner = watchedGuard();
    await ask(chat(fake), outer, inner);
    const billed = { held: 0, spent: fake.billedNanoUsd() };
    expect(await money(outer.guard)).toEqual(billed);
    expect(await money(inner.guard)).toEqual(billed);
  });
});

describe.each(Object.entries(MODELS))("two guards: %s", (name, ask) => {
  test.each(["outer", "inner"])("the lower limit, of the %s one, is sent", async (lower) => {
    fake.script(() => ({ kind: "reply", text: LONG }));
    const low = watchedGuard({ budgets: ["$0.002/day"] });
    const high = watchedGuard();
    await (lower === "outer" ? ask(chat(fake), low, high) : ask(chat(fake), high, low));
    const { spent } = await money(low.guard);
    expect(spent).toBe(fake.billedNanoUsd());
    expect(spent).toBeLessThanOrEqual(2_000_000);
    expect(await money(high.guard)).toEqual({ held: 0, spent });
  });

  test.runIf(!name.includes("streamed"))("each attempt is charged by both", async () => {
    fake.next({ kind: "cut", afterChunks: 2 });
    const outer = watchedGuard();
    const inner = watchedGuard();
    await ask(chat(fake, { maxRetries: 2 }), outer, inner);
    expect(fake.requestCount()).toBe(2);
    for (const { records } of [outer, inner]) {
      expect(records.map(({ outcome }) => outcome)).toEqual(["connection-error", "success"]);
    }
  });

  test.runIf(!name.includes("streamed"))("a second attempt that is refused is free", async () => {
    fake.script(() => ({ kind: "fail", status: 500 }));
    const outer = watchedGuard();
    const inner = watchedGuard({ limits: ["1/day"] });
    const error = await thrownBy(() => ask(chat(fake, { maxRetries: 2 }), outer, inner));
    expect(findGuardError(error)?.code).toBe("BR4001");
    expect(fake.requestCount()).toBe(1);
    expect(outer.records.at(-1)).toMatchObject({ outcome: "refused", costNanoUsd: 0 });
    expect((await money(outer.guard)).held).toBe(0);
  });
});
