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
  provider,
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

const messages = [{ role: "user" as const, content: "hi" }];
type Ask = (guard: Guard, model: ChatOpenAI, signal?: AbortSignal) => Promise<unknown>;
const asks: Readonly<Record<string, Ask>> = {
  "guardModel invoke": (guard, model, signal) =>
    guardModel(model, guard).invoke("hi", signal && { signal }),
  "guardModel stream": async (guard, model, signal) =>
    drain(await guardModel(model, guard).stream("hi", signal && { signal })),
  "guardMiddleware in an agent": (guard, model, signal) =>
    createAgent({ model, tools: [], middleware: [guardMiddleware(guard)] }).invoke(
      { messages },
      signal && { signal },
    ),
};

describe.each(Object.entries(asks))("%s, for a model that repeats failed requests", (_, ask) => {
  test("makes a call of each attempt, and costs what the provider bills", async () => {
    fake.next({ kind: "fail", status: 500 });
    const { guard, records } = watchedGuard();
    await ask(guard, chat(fake, { maxRetries: 1 }));
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
    expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
    expect(fake.requestCount()).toBe(2);
  });

  test("tries as often as the application said, and throws what LangChain throws", async () => {
    fake.script(() => ({ kind: "fail", status: 503 }));
    const { guard, records } = watchedGuard();
    const error = await thrownBy(() => ask(guard, chat(fake, { maxRetries: 2 })));
    expect(String(error)).toContain("503");
    expect(records).toHaveLength(3);
    expect(fake.requestCount()).toBe(3);
    expect(await money(guard)).toEqual({ held: 0, spent: 0 });
  });

  test("charges an attempt that broke off, whatever the next one brings", async () => {
    fake.next({ kind: "cut", afterChunks: 0 });
    fake.next({ kind: "fail", status: 400 });
    const { guard, records } = watchedGuard();
    await thrownBy(() => ask(guard, chat(fake, { maxRetries: 1 })));
    await fake.idle();
    expect(fake.billedNanoUsd()).toBeGreaterThan(0);
    const { held, spent } = await money(guard);
    expect(held).toBe(0);
    expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
    expect(records[0]?.usageSource).toBe("estimated");
  });

  test("does not try again when the budget has no more", async () => {
    fake.script(() => ({ kind: "fail", status: 500 }));
    const { guard, refused } = watchedGuard({ budgets: ["$5/day", "2 calls/day"] });
    const error = await thrownBy(() => ask(guard, chat(fake, { maxRetries: 3 })));
    expect(findGuardError(error)?.code).toBe("BR2001");
    expect(refused).toHaveLength(1);
    expect(fake.requestCount()).toBe(2);
  });

  test("does not try again after a kill", async () => {
    const { guard, refused } = watchedGuard();
    fake.script(() => {
      void killAll(guard);
      return { kind: "fail", status: 500 };
    });
    const error = await thrownBy(() => ask(guard, chat(fake, { maxRetries: 3 })));
    expect(findGuardError(error)?.code).toBe("BR1001");
    expect(refused).toHaveLength(1);
    expect(fake.requestCount()).toBe(1);
  });

  test("is cut in its second attempt by a kill", async () => {
    const watched = watchedGuard();
    fake.next({ kind: "fail", status: 500 });
    fake.next({ kind: "stall" });
    const running = thrownBy(() => ask(watched.guard, chat(fake, { maxRetries: 3 })));
    await fake.waitForRequests(2);
    await killAll(watched.guard, "abort");
    expect(findGuardError(await running)?.code).toBe("BR1001");
    expect(watched.records.map(({ outcome }) => outcome)).toEqual(["server-error", "killed"]);
    await fake.idle();
    expect(fake.totals().closedEarly).toBe(1);
    expect((await money(watched.guard)).held).toBe(0);
  });

  test("is not tried again for a caller who left", async () => {
    const caller = new AbortController();
    fake.script(() => {
      caller.abort();
      return { kind: "fail", status: 500 };
    });
    const { guard } = watchedGuard();
    await thrownBy(() => ask(guard, chat(fake, { maxRetries: 3 }), caller.signal));
    await expect.poll(async () => (await money(guard)).held).toBe(0);
    expect(fake.requestCount()).toBe(1);
  });

  test("reserves the limit that it sends again, or sends nothing", async () => {
    fake.script(() => ({ kind: "fail", status: 500 }));
    const { guard, records } = watchedGuard({ budgets: ["$0.01/day"] });
    await thrownBy(() => ask(guard, chat(fake, { maxRetries: 1 })));
    const limits = fake.requests.map(({ receivedBody }) => receivedBody?.["max_completion_tokens"]);
    expect(limits[0]).toBeGreaterThan(0);
    expect(limits[1]).toBe(limits[0]);
    expect(records[1]?.reservedNanoUsd).toBe(records[0]?.reservedNanoUsd);
    expect(records.map(({ bound }) => bound)).toEqual(["enforced", "enforced"]);
  });
});

test("attempts that wait in a model's own queue stay in their callers' contexts", async () => {
  const { guard, records } = watchedGuard();
  fake.script(({ number }) => (number % 2 === 1 ? { kind: "fail", status: 500 } : undefined));
  const model = guardModel(chat(fake, { maxRetries: 1, maxConcurrency: 1 }), guard);
  const users = ["u-1", "u-2", "u-3"];
  await Promise.all(users.map((user) => guard.with({ user }, () => model.invoke("hi"))));
  const attempts = records.map(({ context }) => context.user).sort();
  expect(attempts).toEqual(["u-1", "u-1", "u-2", "u-2", "u-3", "u-3"]);
});

test("a callback sees one call, whatever the client repeats below it: a known limit", async () => {
  fake.next({ kind: "fail", status: 500 });
  const { guard, records } = watchedGuard();
  await chat(fake, { maxRetries: 1 }).invoke("hi", { callbacks: [guardCallback(guard)] });
  expect(fake.requestCount()).toBe(2);
  expect(records.map(({ costNanoUsd }) => costNanoUsd)).toEqual([fake.billedNanoUsd()]);
});
