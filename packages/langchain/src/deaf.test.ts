import { type CallRecord, createGuard, findGuardError, type Guard } from "@burnrate/core";
import { Embeddings } from "@langchain/core/embeddings";
import { DynamicTool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { describe, expect, it } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { guardModel } from "./guard-model.ts";
import { guardTool } from "./guard-tool.ts";

type Invoke = (
  guard: Guard,
  inside: () => Promise<unknown>,
  given?: { readonly signal?: AbortSignal },
) => Promise<unknown>;

class Model extends FakeListChatModel {
  readonly inside: () => Promise<unknown>;
  constructor(inside: () => Promise<unknown>) {
    super({ responses: ["too late"] });
    this.inside = inside;
  }
  override async _generate(...args: Parameters<FakeListChatModel["_generate"]>) {
    await this.inside();
    return super._generate(...args);
  }
  override async *_streamResponseChunks(
    ...args: Parameters<FakeListChatModel["_streamResponseChunks"]>
  ) {
    await this.inside();
    yield* super._streamResponseChunks(args[0], {}); // without the signal
  }
}

class Lists extends Embeddings {
  readonly inside: () => Promise<unknown>;
  constructor(inside: () => Promise<unknown>) {
    super({});
    this.inside = inside;
  }
  override async embedQuery(_text: string): Promise<number[]> {
    await this.inside();
    return [1];
  }
  override async embedDocuments(texts: string[]): Promise<number[][]> {
    return texts.map(() => [1]);
  }
}

const tool = (inside: () => Promise<unknown>) =>
  new DynamicTool({
    name: "search",
    description: "Searches.",
    func: async () => {
      await inside();
      return "too late";
    },
  });

const ways: readonly (readonly [string, Invoke])[] = [
  [
    "guardModel",
    (guard, inside, given) => guardModel(new Model(inside), guard).invoke("hi", given),
  ],
  [
    "guardCallback on a model",
    (guard, inside, given) =>
      new Model(inside).invoke("hi", { ...given, callbacks: [guardCallback(guard)] }),
  ],
  ["guardTool", (guard, inside, given) => guardTool(tool(inside), guard).invoke("hi", given)],
  [
    "guardCallback on a tool",
    (guard, inside, given) =>
      tool(inside).invoke("hi", { ...given, callbacks: [guardCallback(guard)] }),
  ],
  [
    "guardTool under guardCallback",
    (guard, inside, given) =>
      guardTool(tool(inside), guard).invoke("hi", { ...given, callbacks: [guardCallback(guard)] }),
  ],
  ["guardEmbeddings", (guard, inside) => guardEmbeddings(new Lists(inside), guard).embedQuery("a")],
];

/** What somebody gets of a call in which a kill comes, and what is recorded. */
async function killedInside(invoke: Invoke, level: "abort" | "stop", caller?: AbortController) {
  const guard = createGuard({ budgets: ["100 calls/day"] });
  const records: CallRecord[] = [];
  const tasks: string[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("task-ended", ({ outcome }) => tasks.push(outcome));
  const kill = () => {
    caller?.abort();
    return guard.kill("everything", { level, reason: "test", by: "me" });
  };
  const got = await invoke(guard, kill, caller && { signal: caller.signal }).then(
    () => "an answer",
    (error: unknown) => findGuardError(error)?.code,
  );
  await guard.close();
  return { got, outcomes: records.map(({ outcome }) => outcome), tasks };
}

describe.each(ways)("what does not listen to a kill, under %s", (_, invoke) => {
  it("is charged, and its answer withheld, where the kill cuts calls", async () => {
    const { got, outcomes, tasks } = await killedInside(invoke, "abort");
    expect([got, outcomes, tasks]).toEqual(["BR1001", ["killed"], ["bad"]]);
  });

  it("is withheld also when its caller had left before", async () => {
    const { got, outcomes } = await killedInside(invoke, "abort", new AbortController());
    expect([got, outcomes]).toEqual(["BR1001", ["killed"]]);
  });

  it("is handed on where the kill lets calls finish", async () => {
    const { got, outcomes, tasks } = await killedInside(invoke, "stop");
    expect([got, outcomes, tasks]).toEqual(["an answer", ["success"], ["good"]]);
  });
});

describe("what does not listen, in a tool that a kill cuts", () => {
  it.each(["invoke", "stream"] as const)("is withheld from it: %s", async (method) => {
    const guard = createGuard({ budgets: ["100 calls/day"] });
    const kill = () => guard.kill({ tool: "search" }, { level: "abort", reason: "test", by: "me" });
    const model = guardModel(new Model(kill), guard);
    const got: unknown[] = [];
    const search = new DynamicTool({
      name: "search",
      description: "Searches.",
      func: async (_input, _manager, config) => {
        const { signal } = config as { readonly signal: AbortSignal };
        try {
          if (method === "invoke") got.push(await model._generate([], { signal }));
          else for await (const part of model._streamResponseChunks([], { signal })) got.push(part);
        } catch (error) {
          got.push(findGuardError(error)?.code);
        }
        return "too late";
      },
    });
    await expect(guardTool(search, guard).invoke("hi")).rejects.toMatchObject({ code: "BR1001" });
    expect(got).toEqual(["BR1001"]);
    await guard.close();
  });
});
