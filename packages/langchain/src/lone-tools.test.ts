import type { Guard } from "@burnrate/core";
import type { CallbackManagerForRetrieverRun } from "@langchain/core/callbacks/manager";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { type ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { guardEverywhere } from "./guard-everywhere.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";
import {
  chat,
  embeddingCard,
  killAll,
  prices,
  provider,
  thrownBy,
  watchedTasks,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

describe("a tool that is called by itself", () => {
  const runs = {
    guardTool: (guard: Guard) => {
      const model = guardModel(chat(fake), guard);
      return guardTool(asking(model), guard).invoke({});
    },
    guardCallback: (guard: Guard) =>
      asking(chat(fake)).invoke({}, { callbacks: [guardCallback(guard)] }),
    guardEverywhere: async (guard: Guard) => {
      const undo = guardEverywhere(guard);
      await asking(chat(fake)).invoke({}).finally(undo);
    },
  };
  const asking = (model: ChatOpenAI) =>
    tool(async () => (await model.invoke("inside")).text, {
      name: "asking",
      description: "asks a model",
      schema: z.object({}),
    });

  test.each(Object.entries(runs))("is a run with all that it calls, with %s", async (_, run) => {
    const { guard, records, ended, tasks } = watchedTasks();
    await run(guard);
    expect(records.map(({ kind }) => kind).sort()).toEqual(["model", "tool"]);
    expect(new Set(tasks()).size).toBe(1);
    expect(ended).toEqual(["asking good"]);
  });

  test("has all that it calls in the task of its run, also what no callback hears of", async () => {
    const { guard, ended, tasks } = watchedTasks();
    const run = () => guard.run({ kind: "tool", name: "paid" }, async () => ({ value: "done" }));
    const paid = guardTool(
      tool(run, { name: "paid", description: "calls", schema: z.object({}) }),
      guard,
    );
    const config = { callbacks: [guardCallback(guard)] };
    await paid.invoke({});
    await paid.invoke({}, config);
    await RunnableLambda.from(() => paid.invoke({})).invoke("", config);
    const none = { callbacks: [guardCallback(guard, { tools: false })] };
    await RunnableLambda.from(() => paid.invoke({})).invoke("", none);
    expect(tasks()).toHaveLength(8);
    expect(tasks()).not.toContain(undefined);
    expect(new Set(tasks()).size).toBe(4);
    expect(ended).toHaveLength(4);
  });

  test("waits for itself under a kill of level throttle no more", async () => {
    const { guard, records } = watchedTasks();
    await guard.kill("everything", { reason: "test", by: "test", level: "throttle" });
    await runs.guardTool(guard);
    expect(records).toHaveLength(2);
  });

  test("ends its task as bad when it throws, and when it is refused", async () => {
    const { guard, ended } = watchedTasks();
    const run = async (): Promise<string> => {
      throw new Error("broken");
    };
    const broken = tool(run, { name: "broken", description: "throws", schema: z.object({}) });
    await thrownBy(() => guardTool(broken, guard).invoke({}));
    await thrownBy(() => broken.invoke({}, { callbacks: [guardCallback(guard)] }));
    await killAll(guard);
    await thrownBy(() => guardTool(broken, guard).invoke({}));
    await guardTool(broken, guard, { toolBlock: "message" }).invoke({});
    await thrownBy(() => broken.invoke({}, { callbacks: [guardCallback(guard)] }));
    expect(ended).toEqual(Array(5).fill("broken bad"));
  });

  test("that answers in parts ends its task with the last one", async () => {
    const { guard, ended } = watchedTasks();
    const run = async function* () {
      yield "a";
      yield "b";
      return "c";
    };
    const parts = tool(run as never, { name: "parts", description: "p", schema: z.object({}) });
    await guardTool(parts, guard).invoke({});
    await parts.invoke({}, { callbacks: [guardCallback(guard)] });
    expect(ended).toEqual(["parts good", "parts good"]);
  });
});

test("what a guarded tool calls is in the task that the application opened inside of a run", async () => {
  const { guard } = watchedTasks();
  let inner: string | undefined;
  let seen: string | undefined;
  const look = tool(() => (seen = guard.context().task), {
    name: "look",
    description: "looks",
    schema: z.object({}),
  });
  const guarded = guardTool(look, guard);
  const chain = RunnableLambda.from(() =>
    guard.task({ name: "inner" }, async () => {
      inner = guard.context().task;
      await guarded.invoke({});
    }),
  );
  await chain.invoke({}, { callbacks: [guardCallback(guard)] });
  expect(seen).toBe(inner);
  expect(seen).toBeDefined();
});

describe("embeddings that are called by themselves", () => {
  const made = (guard: Guard) =>
    guardEmbeddings(
      new OpenAIEmbeddings({
        model: "text-embedding-3-small",
        apiKey: "none",
        configuration: { baseURL: fake.url },
        maxRetries: 0,
        batchSize: 1,
      }),
      guard,
    );
  const priced = { prices: { ...prices, resolve: () => embeddingCard } };

  test("are a run: a query, and a list with all of its batches", async () => {
    const { guard, ended, tasks } = watchedTasks(priced);
    await made(guard).embedQuery("a");
    await made(guard).embedDocuments(["b", "c"]);
    expect(new Set(tasks()).size).toBe(2);
    expect(tasks()).toHaveLength(3);
    expect(ended).toEqual(["OpenAIEmbeddings good", "OpenAIEmbeddings good"]);
  });

  test("end it as bad when a request fails or is refused", async () => {
    const { guard, ended } = watchedTasks(priced);
    fake.next({ kind: "fail", status: 400 });
    await thrownBy(() => made(guard).embedQuery("a"));
    await killAll(guard);
    await thrownBy(() => made(guard).embedDocuments(["b", "c"]));
    expect(ended).toEqual(["OpenAIEmbeddings bad", "OpenAIEmbeddings bad"]);
  });

  test("belong to the run around them that a callback follows", async () => {
    const { guard, ended, tasks } = watchedTasks(priced);
    const chain = RunnableLambda.from(async () => {
      await made(guard).embedQuery("a");
      return "done";
    });
    await chain.invoke("x", { callbacks: [guardCallback(guard)] });
    expect(tasks()).not.toContain(undefined);
    expect(ended).toEqual(["RunnableLambda good"]);
  });
});

describe("a retriever that asks a model", () => {
  class Asking extends BaseRetriever {
    lc_namespace = ["test"];
    override async _getRelevantDocuments(
      query: string,
      manager?: CallbackManagerForRetrieverRun,
    ): Promise<never[]> {
      await chat(fake).invoke(
        query,
        manager === undefined ? {} : { callbacks: manager.getChild() },
      );
      return [];
    }
  }

  test("is a run by itself, and part of the chain that it is in", async () => {
    const { guard, ended, tasks } = watchedTasks();
    const config = { callbacks: [guardCallback(guard)] };
    await new Asking().invoke("a", config);
    await new Asking().pipe(() => "b").invoke("a", config);
    expect(tasks()).not.toContain(undefined);
    expect(new Set(tasks()).size).toBe(2);
    expect(ended).toEqual(["Asking good", "RunnableSequence good"]);
  });

  test("that fails ends its task as bad", async () => {
    const { guard, ended } = watchedTasks();
    fake.next({ kind: "fail", status: 500 });
    await thrownBy(() => new Asking().invoke("a", { callbacks: [guardCallback(guard)] }));
    expect(ended).toEqual(["Asking bad"]);
  });
});
