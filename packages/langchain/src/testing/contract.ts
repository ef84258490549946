import { type CallRecord, createGuard, type Guard } from "@burnrate/core";
import { adapterContract, startFakeProvider } from "@burnrate/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guardCallback } from "../guard-callback.ts";
import { guardEmbeddings } from "../guard-embeddings.ts";
import { guardEverywhere } from "../guard-everywhere.ts";
import { guardModel } from "../guard-model.ts";
import { guardTool } from "../guard-tool.ts";
import { quiet } from "../test-fixture.ts";
import {
  driveAgent,
  driveAgentTool,
  driveGraph,
  driveModel,
  type Setup,
} from "./contract-drivers.ts";
import type { LangChainCopy } from "./langchain-copy.ts";

/** What a callback cannot do: send a limit, and cut more than a stream at its next token. */
const CALLBACK = { limitsOutput: false, abortsCalls: false } as const;

/** Runs the whole adapter contract for every hook that a version of LangChain has. */
export function contractFor(copy: LangChainCopy): void {
  beforeAll(quiet);
  const guarded = (setup: Setup): Setup => ({
    ...setup,
    wrap: (model) => guardModel(model, setup.guard),
  });
  const called = (setup: Setup): Setup => ({ ...setup, callbacks: [guardCallback(setup.guard)] });

  describe("guardModel", () => {
    adapterContract({
      test,
      kind: "model",
      create: (setup) => driveModel(copy, guarded(setup)),
    });
  });

  describe("guardModel in a graph", () => {
    adapterContract({
      test,
      kind: "model",
      create: (setup) => driveGraph(copy, guarded(setup)),
    });
  });

  describe("guardCallback", () => {
    adapterContract({
      test,
      kind: "model",
      create: (setup) => driveModel(copy, called(setup)),
      ...CALLBACK,
    });
  });

  describe("guardEverywhere", () => {
    const undos: (() => void)[] = [];
    afterAll(() => {
      for (const undo of undos) undo();
    });
    adapterContract({
      test,
      kind: "model",
      create: (setup) => {
        for (const undo of undos.splice(0)) undo();
        undos.push(guardEverywhere(setup.guard, { managers: [copy.CallbackManager] }));
        return driveModel(copy, setup);
      },
      ...CALLBACK,
    });
  });

  describe("guardTool", () => {
    adapterContract({
      test,
      kind: "tool",
      create: ({ guard, execute }) => {
        const tool = guardTool(echoOf(copy, execute), guard);
        return {
          call: (args, { signal } = {}) => tool.invoke(args, { ...(signal && { signal }) }),
        };
      },
    });
  });

  describe("guardCallback on a tool", () => {
    adapterContract({
      test,
      kind: "tool",
      create: ({ guard, execute }) => {
        const echo = echoOf(copy, execute);
        // In a chain, since a bare `tool()` that is called with an aborted signal never ends.
        const chain = copy.RunnableLambda.from((args: Args) => echo.invoke(args));
        return {
          call: (args, { signal } = {}) =>
            chain.invoke(args, { callbacks: [guardCallback(guard)], ...(signal && { signal }) }),
        };
      },
    });
  });

  describe("guardEmbeddings", () => {
    test("make a call of each batch, at the price that the client reports", async () => {
      await using provider = await startFakeProvider();
      const guard = createGuard({ budgets: ["2 calls/day"] });
      const records: CallRecord[] = [];
      guard.on("call-settled", (record) => records.push(record));
      const embeddings = new copy.OpenAIEmbeddings({
        model: "text-embedding-3-small",
        apiKey: "none",
        configuration: { baseURL: provider.url },
        maxRetries: 0,
        batchSize: 2,
      });
      const guarded = guardEmbeddings(embeddings, guard);
      expect(guarded).toBeInstanceOf(copy.OpenAIEmbeddings);
      expect(await guarded.embedDocuments(["a", "b", "c"])).toHaveLength(3);
      const billed = provider.requests.map(({ usage }) => usage.inputTokens);
      expect(records.map(({ usage }) => usage.inputTokens).sort()).toEqual(billed.sort());
      await expect(guarded.embedQuery("d")).rejects.toMatchObject({ code: "BR2001" });
      expect(provider.requestCount()).toBe(2);
    });
  });

  if (copy.createAgent !== undefined) agentContract(copy as Required<LangChainCopy>);
}

function agentContract(copy: Required<LangChainCopy>): void {
  describe("guardMiddleware", () => {
    adapterContract({ test, kind: "model", create: (setup) => driveAgent(copy, setup) });
  });

  describe("guardCallback over guardMiddleware over guardModel", () => {
    const stacked = (setup: { readonly guard: Guard } & Setup): Setup => ({
      ...setup,
      wrap: (model) => guardModel(model, setup.guard),
      callbacks: [guardCallback(setup.guard)],
    });
    adapterContract({ test, kind: "model", create: (setup) => driveAgent(copy, stacked(setup)) });
  });

  describe("guardMiddleware on a tool", () => {
    adapterContract({
      test,
      kind: "tool",
      create: ({ guard, execute }) => driveAgentTool(copy, guard, [echoOf(copy, execute)]),
    });
  });
}

type Args = { readonly text: string };

function echoOf({ tool, z }: LangChainCopy, execute: (args: Args) => unknown) {
  const schema = z.object({ text: z.string() });
  return tool(execute, { name: "echo", description: "Says it again", schema });
}
