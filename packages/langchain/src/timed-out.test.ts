import { RunnableLambda } from "@langchain/core/runnables";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { describe, expect, test, vi } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import { chat, provider, thrownBy, watchedGuard } from "./test-fixture.ts";

const fake = await provider();

type Invoke = (
  model: ReturnType<typeof chat>,
  config: { readonly signal: AbortSignal; readonly callbacks: ReturnType<typeof guardCallback>[] },
) => Promise<unknown>;

const RUNS: Readonly<Record<string, Invoke>> = {
  chain: (model, config) => RunnableLambda.from(String).pipe(model).invoke("hi", config),
  graph: (model, config) =>
    new StateGraph(MessagesAnnotation)
      .addNode("ask", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile()
      .invoke({ messages: "hi" }, config),
};

/** What `AbortSignal.timeout` and a person who changed their mind give as reason. */
const ENDS = [
  ["a time-out makes the task bad", new DOMException("Too slow.", "TimeoutError"), "bad"],
  ["an abort by the caller says nothing about the task", undefined, "excluded"],
] as const;

async function cut(reason: unknown, invoke: (signal: AbortSignal) => unknown): Promise<void> {
  fake.next({ kind: "stall" });
  const caller = new AbortController();
  const failing = thrownBy(() => invoke(caller.signal));
  await fake.waitForRequests(1);
  caller.abort(reason);
  await failing;
}

describe.each(Object.entries(RUNS))("a %s under guardCallback", (_, invoke) => {
  for (const isGuarded of [false, true]) {
    test.each(ENDS)(`%s${isGuarded ? ", of a guarded model too" : ""}`, async (_, reason, end) => {
      const { guard, tasks } = watchedGuard();
      const model = isGuarded ? guardModel(chat(fake), guard) : chat(fake);
      const callbacks = [guardCallback(guard)];
      await cut(reason, (signal) => invoke(model, { signal, callbacks }));
      await vi.waitUntil(() => tasks.length > 0);
      expect(tasks).toEqual([end]);
    });
  }
});

test.each(ENDS)("in an agent under guardMiddleware, %s", async (_, reason, end) => {
  const { guard, tasks } = watchedGuard();
  const agent = createAgent({ model: chat(fake), middleware: [guardMiddleware(guard)] });
  await cut(reason, (signal) => agent.invoke({ messages: "hi" }, { signal }));
  await vi.waitUntil(() => tasks.length > 0);
  expect(tasks).toEqual([end]);
});
