import { findGuardError, type Guard } from "@burnrate/core";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  killAll,
  money,
  prices,
  provider,
  thrownBy,
  watchedGuard,
} from "./test-fixture.ts";

const fake = await provider();

type Open = (
  guard: Guard,
  signal?: AbortSignal,
  model?: ChatOpenAI,
) => Promise<AsyncIterable<unknown>>;
const text = "one two three four five six";
const messages = [{ role: "user" as const, content: "hi" }];
const withSignal = (signal?: AbortSignal) => (signal === undefined ? {} : { signal });

const modelStream: Open = (guard, signal, model = chat(fake)) =>
  guardModel(model, guard).stream("hi", withSignal(signal));
const modelEvents: Open = async (guard, signal, model = chat(fake)) => {
  const events = guardModel(model, guard).streamEvents("hi", withSignal(signal));
  return { [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() }; // it is thenable, too
};
const callbackStream: Open = (guard, signal, model = chat(fake)) =>
  model.stream("hi", { callbacks: [guardCallback(guard)], ...withSignal(signal) });
const callbackEvents: Open = async (guard, signal, model = chat(fake)) =>
  model.streamEvents("hi", {
    version: "v2",
    callbacks: [guardCallback(guard)],
    ...withSignal(signal),
  });
const agentStream: Open = async (guard, signal, model = chat(fake)) =>
  createAgent({ model, tools: [], middleware: [guardMiddleware(guard)] }).stream(
    { messages },
    { streamMode: "messages", ...withSignal(signal) },
  );
const agentEvents: Open = async (guard, signal, model = chat(fake)) => {
  const agent = createAgent({ model, tools: [] });
  const config = { version: "v3" as const, callbacks: [guardCallback(guard)] };
  return agent.streamEvents({ messages }, { ...config, ...withSignal(signal) });
};
const opens: Readonly<Record<string, Open>> = {
  "guardModel stream": modelStream,
  "guardModel streamEvents v3": modelEvents,
  "guardCallback stream": callbackStream,
  "guardCallback streamEvents v2": callbackEvents,
  "guardCallback agent streamEvents v3": agentEvents,
  "guardMiddleware agent stream": agentStream,
};

async function settledOnce(watched: ReturnType<typeof watchedGuard>): Promise<void> {
  await fake.idle();
  await expect.poll(() => watched.records.length).toBe(1);
  const { held, spent } = await money(watched.guard);
  expect(held).toBe(0);
  expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
}

describe.each(Object.entries(opens))("%s", (_name, open) => {
  test("that finishes costs what the provider bills", async () => {
    fake.next({ kind: "reply", text, cachedTokens: 1 });
    const watched = watchedGuard();
    await drain(await open(watched.guard));
    await settledOnce(watched);
    expect(watched.records[0]).toMatchObject({ outcome: "success", usageSource: "provider" });
    expect(watched.records[0]?.costNanoUsd).toBe(fake.billedNanoUsd());
  });

  test("without usage is charged in full", async () => {
    fake.next({ kind: "reply", text, usage: "omit" });
    const watched = watchedGuard();
    await drain(await open(watched.guard));
    await settledOnce(watched);
    expect(watched.records[0]?.usageSource).toBe("estimated");
  });

  test.each(["error-part", "cut"] as const)("that breaks in the middle: %s", async (kind) => {
    fake.next({ kind, text, afterChunks: 2 });
    const watched = watchedGuard();
    await thrownBy(async () => drain(await open(watched.guard)));
    await settledOnce(watched);
    expect(watched.records[0]?.usageSource).toBe("estimated");
  });

  test("that the provider refuses costs nothing", async () => {
    fake.next({ kind: "rate-limit", retryAfterSeconds: 0 });
    const watched = watchedGuard();
    await thrownBy(async () => drain(await open(watched.guard)));
    await settledOnce(watched);
    expect(watched.records[0]).toMatchObject({ outcome: "rate-limited", costNanoUsd: 0 });
  });

  test.each([0, 1, 3])("aborted by the caller after %i chunks", async (chunks) => {
    const caller = new AbortController();
    const watched = watchedGuard();
    fake.next({
      kind: "reply",
      text,
      beforeChunk: (index) => {
        if (index < chunks) return;
        caller.abort();
        return new Promise(() => {}); // only the client's leaving ends it
      },
    });
    const consume = async () => drain(await open(watched.guard, caller.signal));
    await consume().catch(() => undefined); // ChatOpenAI's own event streams just end
    await settledOnce(watched);
    expect(watched.records[0]?.outcome).toBe("aborted");
  });

  test("is stopped by a kill of level abort, and the next call is refused", async () => {
    const watched = watchedGuard();
    const { guard } = watched;
    fake.next({
      kind: "reply",
      text,
      beforeChunk: (index) => (index === 2 ? killAll(guard, "abort") : undefined),
    });
    const error = await thrownBy(async () => drain(await open(guard)));
    expect(findGuardError(error)?.code).toBe("BR1001");
    await settledOnce(watched);
    expect(watched.records[0]?.outcome).toBe("killed");
    const next = await thrownBy(async () => drain(await open(guard)));
    expect(findGuardError(next)?.code).toBe("BR1001");
    expect(fake.requestCount()).toBe(1);
  });
});

test("a consumer that walks away ends the call of a guarded model, and the request", async () => {
  fake.next({ kind: "stall", text, afterChunks: 3 });
  const watched = watchedGuard();
  for await (const _ of await modelStream(watched.guard)) break;
  await settledOnce(watched);
  expect(watched.records[0]?.outcome).toBe("abandoned");
  expect(fake.totals().closedEarly).toBe(1);
});

test("a kill of level abort cuts the request of a model that stalls", async () => {
  fake.next({ kind: "stall", text, afterChunks: 1 });
  const watched = watchedGuard();
  const running = thrownBy(async () => drain(await modelStream(watched.guard)));
  await fake.waitForRequests(1);
  await killAll(watched.guard, "abort");
  expect(await running).toHaveProperty("code", "BR1001");
  await settledOnce(watched);
  expect(fake.totals().closedEarly).toBe(1);
});

test("a kill of level abort cuts an answer that is not streamed, for a guarded model", async () => {
  fake.next({ kind: "stall" });
  const watched = watchedGuard();
  const running = thrownBy(() => guardModel(chat(fake), watched.guard).invoke("hi"));
  await fake.waitForRequests(1);
  await killAll(watched.guard, "abort");
  expect(await running).toHaveProperty("code", "BR1001");
  await settledOnce(watched);
});

test("a stream that nobody reads holds its money for the sweeper, and no more than one request", async () => {
  fake.next({ kind: "reply", text });
  const { guard, records } = watchedGuard();
  const stream = await callbackStream(guard);
  await fake.waitForRequests(1);
  await fake.idle();
  expect(records).toEqual([]);
  expect((await money(guard)).held).toBeGreaterThanOrEqual(fake.billedNanoUsd());
  await drain(stream);
});

test("a stream that is reserved in steps is cut where its money ends", async () => {
  fake.next({ kind: "reply", text: "word ".repeat(40) });
  const { guard, records } = watchedGuard({
    prices: { ...prices, estimateInputTokens: () => 100 }, // 25,000 nano-dollars
    budgets: ["$0.000055/day"],
    reservation: { mode: "incremental", stepTokens: 10 },
  });
  const error = await thrownBy(async () => drain(await modelStream(guard)));
  expect(findGuardError(error)).toMatchObject({ code: "BR2001" });
  expect(records).toMatchObject([{ outcome: "refused", refusalCode: "BR2001" }]);
  expect((await money(guard)).held).toBe(0);
});
