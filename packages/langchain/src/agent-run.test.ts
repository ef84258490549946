import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createAgent, createMiddleware } from "langchain";
import { expect, test } from "vitest";
import { guardMiddleware } from "./guard-middleware.ts";
import { chat, echo, provider, watchedGuard } from "./test-fixture.ts";

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
