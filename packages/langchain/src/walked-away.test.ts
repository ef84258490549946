import type { CallRecord, Guard } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { createAgent, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, money, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

/** Longer than any reservation lives. */
const SWEPT_MS = 1_400_000;
const text = "one two three four five six";
const messages = [{ role: "user" as const, content: "hi" }];
const config = (signal?: AbortSignal) => (signal === undefined ? {} : { signal });

function sweptGuard() {
  const clock = createFakeClock();
  return { ...watchedGuard({ clock }), sweep: () => clock.advance(SWEPT_MS) };
}

/** The books once the provider is done and the sweeper has been here. */
async function closed({ guard, records, sweep }: ReturnType<typeof sweptGuard>): Promise<void> {
  await fake.idle();
  sweep();
  const { held, spent } = await money(guard);
  expect(held).toBe(0);
  expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
  expect(guard.metrics().calls.inFlight).toBe(0);
  expect(records.length).toBeLessThanOrEqual(Math.max(1, fake.requestCount()));
}

type Open = (guard: Guard) => Promise<AsyncIterable<unknown>>;
const opens: Readonly<Record<string, Open>> = {
  "guardCallback stream": (guard) => chat(fake).stream("hi", { callbacks: [guardCallback(guard)] }),
  "guardCallback streamEvents v2": async (guard) =>
    chat(fake).streamEvents("hi", { version: "v2", callbacks: [guardCallback(guard)] }),
  "guardCallback agent stream": (guard) =>
    createAgent({ model: chat(fake), tools: [] }).stream(
      { messages },
      { streamMode: "messages", callbacks: [guardCallback(guard)] },
    ),
  "guardModel stream": (guard) => guardModel(chat(fake), guard).stream("hi"),
  "guardModel streamEvents v3": async (guard) => {
    const events = guardModel(chat(fake), guard).streamEvents("hi");
    return { [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
  },
  "guardMiddleware agent stream": (guard) =>
    createAgent({ model: chat(fake), tools: [], middleware: [guardMiddleware(guard)] }).stream(
      { messages },
      { streamMode: "messages" },
    ),
};

describe.each(Object.entries(opens))("%s", (_, open) => {
  test("that the consumer leaves holds nothing after the sweeper, and was charged", async () => {
    fake.script(() => ({ kind: "reply", text }));
    const watched = sweptGuard();
    await leave(await open(watched.guard));
    await closed(watched);
  });

  test("that nobody reads holds nothing after the sweeper, and was charged", async () => {
    fake.script(() => ({ kind: "reply", text }));
    const watched = sweptGuard();
    await open(watched.guard);
    await fake.waitForRequests(1);
    await closed(watched);
  });
});

type Ask = (guard: Guard, signal: AbortSignal) => Promise<unknown>;
const asks: Readonly<Record<string, Ask>> = {
  guardCallback: (guard, signal) =>
    chat(fake).invoke("hi", { callbacks: [guardCallback(guard)], ...config(signal) }),
  guardModel: (guard, signal) => guardModel(chat(fake), guard).invoke("hi", config(signal)),
  guardMiddleware: (guard, signal) =>
    createAgent({ model: chat(fake), tools: [], middleware: [guardMiddleware(guard)] }).invoke(
      { messages },
      config(signal),
    ),
  "guardCallback on an agent": (guard, signal) =>
    createAgent({ model: chat(fake), tools: [] }).invoke(
      { messages },
      { callbacks: [guardCallback(guard)], ...config(signal) },
    ),
};

describe.each(Object.entries(asks))("%s, aborted by the caller", (_, ask) => {
  test("before the call sends nothing and costs nothing", async () => {
    const { guard } = sweptGuard();
    await thrownBy(() => ask(guard, AbortSignal.abort()));
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
    expect(fake.requestCount()).toBe(0);
  });

  test("in the middle of the call is charged at once, and holds nothing", async () => {
    fake.next({ kind: "stall" });
    const { guard, records } = sweptGuard();
    const caller = new AbortController();
    const running = thrownBy(() => ask(guard, caller.signal));
    await fake.waitForRequests(1);
    caller.abort();
    await running;
    await expect.poll(() => outcomes(records)).toEqual(["aborted"]);
    const { held, spent } = await money(guard);
    expect(held).toBe(0);
    expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
  });

  test("counts for no task's success or failure", async () => {
    fake.next({ kind: "stall" });
    const { guard } = sweptGuard();
    const ended: string[] = [];
    guard.on("task-ended", ({ outcome }) => ended.push(outcome));
    const caller = new AbortController();
    const running = thrownBy(() => ask(guard, caller.signal));
    await fake.waitForRequests(1);
    caller.abort();
    await running;
    expect(ended).toEqual(Array(ended.length).fill("excluded"));
  });
});

describe("a tool that the caller aborts", () => {
  const started = Promise.withResolvers<void>();
  const endless = tool(() => new Promise<string>(() => started.resolve()), {
    name: "endless",
    description: "never answers",
    schema: z.object({}),
  });

  test("in the middle ends its call, with a callback", async () => {
    const { guard, records } = sweptGuard();
    const caller = new AbortController();
    const callbacks = [guardCallback(guard)];
    const running = thrownBy(() => endless.invoke({}, { callbacks, signal: caller.signal }));
    await started.promise;
    caller.abort();
    await running;
    expect(records).toHaveLength(1);
    expect(guard.metrics().calls.inFlight).toBe(0);
  });

  test("in the middle ends its call, in an agent with the middleware", async () => {
    const { guard, records } = sweptGuard();
    const caller = new AbortController();
    const leaving = tool(
      () => {
        caller.abort();
        return new Promise<string>(() => {});
      },
      { name: "leaving", description: "never answers", schema: z.object({}) },
    );
    fake.next({ kind: "reply", toolCalls: [{ name: "leaving", arguments: {} }] });
    const agent = createAgent({
      model: chat(fake),
      tools: [leaving],
      middleware: [guardMiddleware(guard)],
    });
    await thrownBy(() => agent.invoke({ messages }, { signal: caller.signal }));
    await expect.poll(() => records.map(({ kind }) => kind)).toEqual(["model", "tool"]);
    expect((await money(guard)).held).toBe(0);
  });

  test("before its call, which a bare tool() never ends, is the sweeper's", async () => {
    const { guard, sweep } = sweptGuard();
    const callbacks = [guardCallback(guard)];
    const quick = tool(async () => "done", { name: "q", description: "q", schema: z.object({}) });
    void quick.invoke({}, { callbacks, signal: AbortSignal.abort() }).catch(() => undefined);
    await expect.poll(() => guard.metrics().calls.inFlight).toBe(1);
    sweep();
    expect(guard.metrics().calls.inFlight).toBe(0);
  });
});

/** Leaving version 2 of event streams throws LangChain's own abort at the consumer. */
async function leave(stream: AsyncIterable<unknown>): Promise<void> {
  const reading = stream[Symbol.asyncIterator]();
  for (let part = 0; part < 3; part++) await reading.next();
  await reading.return?.().catch(() => undefined);
}

function outcomes(records: readonly CallRecord[]): string[] {
  return records.map(({ outcome }) => outcome);
}
