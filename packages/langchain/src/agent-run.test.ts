import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  modelFallbackMiddleware,
  modelRetryMiddleware,
} from "langchain";
import { describe, expect, test } from "vitest";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, echo, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const MAX_TURNS = 1_000;
const RUNS = 5;

/** As `modelCallLimitMiddleware` ends a run: LangChain then skips `afterAgent`. */
const endsEarly = createMiddleware({
  name: "EndsEarly",
  beforeModel: {
    canJumpTo: ["end"],
    hook: ({ messages }) => (messages.length > 1 ? { jumpTo: "end" } : undefined),
  },
});

test("the task of a run that another middleware ends early is ended as excluded, once nobody has the run", async () => {
  const { guard, tasks } = watchedGuard();
  fake.script(() => ({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "hi" } }] }));
  const agent = createAgent({
    model: chat(fake),
    tools: [echo],
    middleware: [guardMiddleware(guard), endsEarly],
  });
  for (let run = 0; run < RUNS; run += 1) await agent.invoke({ messages: "go" });
  expect(fake.requestCount()).toBe(RUNS);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let turn = 0; turn < MAX_TURNS && tasks.length === 0; turn += 1) {
    collect();
    await setImmediate();
  }
  expect([...new Set(tasks)]).toEqual(["excluded"]);
  expect(guard.context().task).toBeUndefined(); // and keeps the guard itself alive until here
});

describe("a run in which a middleware around the guard's asks a model again", () => {
  const retry: AgentMiddleware = modelRetryMiddleware({
    maxRetries: 1,
    initialDelayMs: 1,
  }) as never;
  const around: readonly (readonly [string, () => AgentMiddleware])[] = [
    ["retry", () => retry],
    ["fallback", () => modelFallbackMiddleware(chat(fake))],
  ];

  test.each(around)("is one task, which succeeds: %s", async (_, make) => {
    const { guard, records, tasks } = watchedGuard();
    fake.next({ kind: "fail", status: 500 });
    const middleware = [make(), guardMiddleware(guard)];
    await createAgent({ model: chat(fake), tools: [], middleware }).invoke({ messages: "go" });
    expect(tasks).toEqual(["good"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
    expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  });

  test("has one budget, which a refused call that is repeated does not renew", async () => {
    const { guard, refused, tasks } = watchedGuard({
      budgets: [{ id: "run", limit: { calls: 2 }, window: "task", match: { kind: "model" } }],
    });
    fake.script(() => ({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] }));
    const middleware = [retry, guardMiddleware(guard)];
    const agent = createAgent({ model: chat(fake), tools: [echo], middleware });
    expect(await thrownBy(() => agent.invoke({ messages: "go" }))).toHaveProperty("code", "BR2001");
    expect(fake.requestCount()).toBe(2);
    expect(refused).toHaveLength(2);
    expect(tasks).toEqual(["bad"]);
  });

  test("is one task, which fails before the run rejects, when no model answers", async () => {
    const { guard, tasks } = watchedGuard();
    fake.script(() => ({ kind: "fail", status: 500 }));
    const options = { maxRetries: 1, initialDelayMs: 1, onFailure: "error" } as const;
    const throwing: AgentMiddleware = modelRetryMiddleware(options) as never;
    const middleware = [throwing, guardMiddleware(guard)];
    const agent = createAgent({ model: chat(fake), tools: [], middleware });
    expect(await thrownBy(() => agent.invoke({ messages: "go" }))).toBeInstanceOf(Error);
    expect(tasks).toEqual(["bad"]);
    expect(fake.requestCount()).toBe(2);
  });
});
