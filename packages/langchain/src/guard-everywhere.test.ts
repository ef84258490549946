import { createRequire } from "node:module";
import { createGuard, findGuardError } from "@burnrate/core";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { afterEach, describe, expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardMiddleware } from "./guard-middleware.ts";
import { guardModel } from "./guard-model.ts";
import {
  chat,
  drain,
  echo,
  killAll,
  money,
  provider,
  thrownBy,
  type WatchedGuard,
  watchedGuard,
} from "./test-fixture.ts";

const require = createRequire(import.meta.url);
const commonjs = {
  ...(require("@langchain/openai") as typeof import("@langchain/openai")),
  ...(require("@langchain/core/callbacks/manager") as typeof import("@langchain/core/callbacks/manager")),
};
const fake = await provider();

const undos: (() => void)[] = [];
afterEach(() => {
  for (const undo of undos.splice(0)) undo();
});
function installed(): WatchedGuard & { readonly undo: () => void } {
  const watched = watchedGuard();
  const undo = guardEverywhere(watched.guard);
  undos.push(undo);
  return { ...watched, undo };
}

const fields = {
  model: "gpt-5-mini",
  apiKey: "none",
  configuration: { baseURL: fake.url },
  maxRetries: 0,
};
const copies = {
  "ES modules": () => new ChatOpenAI(fields),
  CommonJS: () => new commonjs.ChatOpenAI(fields),
};

describe.each(Object.entries(copies))("guardEverywhere, over %s", (_, model) => {
  test("sees calls that nobody gave a callback", async () => {
    const { guard, records } = installed();
    await model().invoke("hi");
    await drain(await model().stream("hi"));
    await model().batch(["a", "b"]);
    expect(records).toHaveLength(4);
    expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
  });

  test("knows whose model it is, as a callback does", async () => {
    const { records } = installed();
    await model().invoke("hi");
    await drain(await model().stream("hi"));
    expect(records.map(({ provider, name }) => [provider, name])).toEqual([
      ["openai", "gpt-5-mini"],
      ["openai", "gpt-5-mini"],
    ]);
  });

  test("refuses before anything is sent", async () => {
    const { guard } = installed();
    await killAll(guard);
    expect(findGuardError(await thrownBy(() => model().invoke("hi")))?.code).toBe("BR1001");
    expect(fake.requestCount()).toBe(0);
  });
});

test("an agent's calls are in one task, tools too", async () => {
  const { records, tasks } = installed();
  fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
  const agent = createAgent({ model: chat(fake), tools: [echo] });
  await agent.invoke({ messages: [{ role: "user", content: "hi" }] });
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  expect(new Set(records.map(({ context }) => context.task)).size).toBe(1);
  expect(tasks).toEqual(["good"]);
});

test("hooks of the same guard count each call once, in one task", async () => {
  const { guard, records, tasks } = installed();
  fake.next({ kind: "reply", toolCalls: [{ name: "echo", arguments: { text: "x" } }] });
  const agent = createAgent({
    model: guardModel(chat(fake), guard),
    tools: [echo],
    middleware: [guardMiddleware(guard)],
  });
  await agent.invoke(
    { messages: [{ role: "user", content: "hi" }] },
    { callbacks: [guardCallback(guard)] },
  );
  expect(records.map(({ kind }) => kind)).toEqual(["model", "tool", "model"]);
  expect(tasks).toEqual(["good"]);
});

describe("taking it back", () => {
  const managers = [CallbackManager, commonjs.CallbackManager];
  const before = managers.map((manager) =>
    Object.getOwnPropertyDescriptor(manager, "_configureSync"),
  );
  const now = () =>
    managers.map((manager) => Object.getOwnPropertyDescriptor(manager, "_configureSync"));

  test("restores exactly what was there", async () => {
    const { undo, records } = installed();
    expect(now()[0]?.value).not.toBe(before[0]?.value);
    undo();
    undo();
    expect(now()).toEqual(before);
    await chat(fake).invoke("hi");
    expect(records).toEqual([]);
  });

  test("is done once for a guard that was installed twice", async () => {
    const { guard, undo, records } = installed();
    expect(guardEverywhere(guard)).toBe(undo);
    await chat(fake).invoke("hi");
    expect(records).toHaveLength(1);
    undo();
    expect(now()).toEqual(before);
    const again = guardEverywhere(guard);
    await chat(fake).invoke("hi");
    expect(records).toHaveLength(2);
    again();
    expect(now()).toEqual(before);
  });

  test("leaves another guard in its place", async () => {
    const [first, second] = [installed(), installed()];
    await chat(fake).invoke("hi");
    first.undo();
    await chat(fake).invoke("hi");
    expect([first.records.length, second.records.length]).toEqual([1, 2]);
    second.undo();
    expect(now()).toEqual(before);
  });

  test("leaves the patch of somebody who came later", async () => {
    const { undo, records } = installed();
    const ours = CallbackManager._configureSync;
    let asked = 0;
    CallbackManager._configureSync = function (this: typeof CallbackManager, ...args) {
      asked += 1;
      return ours.apply(this, args);
    } as typeof ours;
    const theirs = CallbackManager._configureSync;
    undo();
    expect(CallbackManager._configureSync).toBe(theirs);
    await chat(fake).invoke("hi");
    expect([asked > 0, records.length]).toEqual([true, 0]);
    CallbackManager._configureSync = ours;
    guardEverywhere(createGuard())();
    expect(now()).toEqual(before);
  });

  test("lets a run in progress end as it began", async () => {
    const { guard, undo, records } = installed();
    const stream = await chat(fake).stream("hi");
    undo();
    await drain(stream);
    expect(records).toHaveLength(1);
    expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
  });
});

test("a manager that is not LangChain's is refused, and nothing is patched", () => {
  const ours = CallbackManager._configureSync;
  for (const managers of [[{}], CallbackManager]) {
    expect(() => guardEverywhere(createGuard(), { managers } as never)).toThrow(
      "BR9001 guardEverywhere.managers must be",
    );
  }
  expect(CallbackManager._configureSync).toBe(ours);
});
