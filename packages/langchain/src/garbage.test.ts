import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGuard, type Guard } from "@burnrate/core";
import { HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, prices, provider } from "./test-fixture.ts";

const fake = await provider();
const MAX_TURNS = 200;
const RUNS = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Nothing of a real request stays behind in a pool of connections. */
const down = { baseURL: fake.url, fetch: () => Promise.reject(new Error("down")) };
const model = chat(fake, { configuration: down });

type Ask = (guard: Guard) => (message: HumanMessage) => Promise<unknown>;
const withMiddleware: Ask = (guard) => {
  const agent = createAgent({ model, tools: [], middleware: [guardMiddleware(guard)] });
  return (message) => agent.invoke({ messages: [message] });
};
const withCallback: Ask = (guard) => {
  const callbacks = [guardCallback(guard)];
  const agent = createAgent({ model, tools: [] });
  return (message) => agent.invoke({ messages: [message] }, { callbacks });
};

describe("nothing is kept of an agent's run", () => {
  test.each([
    ["that was refused, with guardMiddleware", withMiddleware, "$0.000001/day"],
    ["that failed, with guardMiddleware", withMiddleware, "$5/day"],
    ["that failed, with guardCallback", withCallback, "$5/day"],
  ] as const)("%s", async (_, hook, budget) => {
    const guard = createGuard({ prices, budgets: [budget] });
    const tasks: string[] = [];
    guard.on("task-ended", ({ outcome }) => tasks.push(outcome));
    const ask = hook(guard);
    const kept: WeakRef<object>[] = [];
    const run = async (): Promise<void> => {
      const message = new HumanMessage("hi");
      kept.push(new WeakRef(message));
      await ask(message).catch(() => undefined); // nobody reads the stack, which would free it
    };
    for (let count = 0; count < RUNS; count += 1) await run();
    const alive = (): number => kept.filter((message) => message.deref() !== undefined).length;
    for (let turn = 0; turn < MAX_TURNS && alive() > 1; turn += 1) {
      await setImmediate(); // who was asked for is kept for this turn
      collect();
    }
    expect(alive()).toBeLessThanOrEqual(1); // the newest may be on somebody's stack
    expect(tasks).toEqual(Array(RUNS).fill("bad"));
  });
});
