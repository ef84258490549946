import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { Annotation, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { chat, provider, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const MAX_TURNS = 100;
const RUNS = 5;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("the task of a chain whose stream is left ends as excluded, once nobody has the run", async () => {
  const { guard, tasks } = watchedGuard();
  fake.script(() => ({ kind: "reply", text: "word ".repeat(200) }));
  const leave = async (): Promise<void> => {
    const chain = guardModel(chat(fake), guard).pipe(new StringOutputParser());
    for await (const _ of await chain.stream("hi", { callbacks: [guardCallback(guard)] })) break;
  };
  for (let run = 0; run < RUNS; run += 1) await leave();
  for (let turn = 0; turn < MAX_TURNS && tasks.length === 0; turn += 1) {
    collect();
    await setImmediate();
  }
  expect([...new Set(tasks)]).toEqual(["excluded"]);
  expect(guard.context().task).toBeUndefined(); // and keeps the guard itself alive until here
});

test("a run that goes on keeps its task, whatever is collected meanwhile", async () => {
  const { guard, tasks, records } = watchedGuard();
  const pause = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn += 1) {
      collect();
      await setImmediate();
    }
  };
  const State = Annotation.Root({ a: Annotation<string>() });
  const ask = async () => {
    await pause();
    return { a: (await chat(fake).invoke("hi")).text };
  };
  const graph = new StateGraph(State)
    .addNode("one", ask)
    .addNode("two", ask)
    .addEdge("__start__", "one")
    .addEdge("one", "two")
    .compile();
  const config = { callbacks: [guardCallback(guard)] };
  await graph.invoke({ a: "" }, config);
  const chain = chat(fake).pipe(async ({ text }) => {
    await pause();
    return text;
  });
  await chain.pipe(chat(fake)).invoke("hi", config);
  expect(tasks).toEqual(["good", "good"]);
  expect(records).toHaveLength(4);
});
