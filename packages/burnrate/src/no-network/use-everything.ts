import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Guard } from "@burnrate/core";
import type { Watched } from "./deny-network.ts";

/** Uses every published package the way an application does, against fakes in this process. */
const entry = (name: string): string => import.meta.resolve(`../../../${name}/src/index.ts`);

const USAGE = { inputTokens: 1_000, outputTokens: 100 };
/** Of `gpt-5-mini`: $0.25 and $2 a million tokens. */
const COST = 1_000 * 250 + 100 * 2_000;

type Exports = Readonly<Record<string, (...args: unknown[]) => never>>;

async function load<T = Exports>(name: string): Promise<T> {
  return import(entry(name));
}

async function useCore({ createGuard, createPriceBook }: typeof import("../index.ts")) {
  const { createGuard: createBareGuard } = await load<typeof import("@burnrate/core")>("core");
  const guards = [
    createGuard({ budgets: ["$1/day"], store: "memory" }),
    createBareGuard({ budgets: ["$1/day"], prices: createPriceBook() }),
  ];
  const call = { kind: "model", provider: "openai", name: "gpt-5-mini" } as const;
  for (const guard of guards) {
    await guard.task({ name: "offline" }, () =>
      guard.run(call, () => ({ value: "hello", usage: USAGE })),
    );
    assert.equal((await guard.budgets())[0]?.settled, COST);
    await guard.close();
  }
}

async function usePricing() {
  const { priceUsage } = await load<typeof import("@burnrate/pricing")>("pricing");
  const priced = priceUsage("openai", "gpt-5-mini", USAGE);
  assert.equal(priced.kind, "priced");
}

async function useAiSdk(guard: Guard) {
  const { guardModel } = await load("ai-sdk");
  const usage = {
    inputTokens: { total: 1_000, noCache: 1_000, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: 100, text: 100, reasoning: 0 },
  };
  const answer = { content: [], finishReason: { unified: "stop", raw: "stop" }, usage };
  const model = {
    specificationVersion: "v4",
    provider: "openai.chat",
    modelId: "gpt-5-mini",
    supportedUrls: {},
    doGenerate: async () => ({ ...answer, warnings: [] }),
    doStream: async () => assert.fail("nothing is streamed here"),
  };
  const guarded: typeof model = (guardModel as CallableFunction)(model, guard);
  await (guarded.doGenerate as CallableFunction)({ prompt: [], maxOutputTokens: 200 });
}

async function useLangChain(guard: Guard) {
  const { guardCallback } = await load("langchain");
  const callback = (guardCallback as CallableFunction)(guard);
  const llm = { lc: 1, type: "constructor", id: ["langchain", "chat_models", "openai", "X"] };
  const extra = { invocation_params: { model: "gpt-5-mini", max_tokens: 200 } };
  const described = { ls_provider: "openai", ls_model_name: "gpt-5-mini" };
  await callback.handleChatModelStart(llm, [[]], "run-1", undefined, extra, [], described);
  const usage_metadata = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 };
  await callback.handleLLMEnd({ generations: [[{ message: { usage_metadata } }]] }, "run-1");
}

async function useMcp(guard: Guard) {
  const { guardClient } = await load("mcp");
  const client = {
    callTool: async () => ({ content: [{ type: "text", text: "42" }] }),
    request: async () => assert.fail("callTool was called"),
  };
  const guarded = (guardClient as CallableFunction)(client, guard, { server: "search" });
  assert.deepEqual(await guarded.callTool({ name: "web_search", arguments: {} }), {
    content: [{ type: "text", text: "42" }],
  });
}

async function useStores({ createGuard, ConfigError }: typeof import("../index.ts")) {
  const { sqliteStore } = await load<typeof import("@burnrate/store-sqlite")>("store-sqlite");
  const folder = mkdtempSync(join(tmpdir(), "burnrate-offline-"));
  const store = sqliteStore({ path: join(folder, "state.db") });
  const guard = createGuard({ budgets: ["1 calls/day"], store });
  await guard.run({ kind: "tool", name: "search" }, () => ({ value: undefined }));
  await guard.close();
  rmSync(folder, { recursive: true });
  // The others are handed a client; that of nobody is refused before anything is tried.
  const { redisStore } = await load("store-redis");
  assert.throws(() => (redisStore as CallableFunction)({ client: {} }), ConfigError);
  const { postgresStore } = await load("store-postgres");
  assert.throws(() => (postgresStore as CallableFunction)({ pool: {} }), ConfigError);
}

const burnrate = await load<typeof import("../index.ts")>("burnrate");
await useCore(burnrate);
await usePricing();
await useStores(burnrate);
const calls: string[] = [];
const guard = burnrate.createGuard({ budgets: ["$1/day"], store: "memory" });
guard.on("call-settled", ({ name, outcome }) => calls.push(`${name} ${outcome}`));
await useAiSdk(guard);
await useLangChain(guard);
await useMcp(guard);
assert.equal((await guard.budgets())[0]?.settled, 2 * COST);
await guard.close();
const { watched } = globalThis as { watched?: Watched };
console.log(JSON.stringify({ ...watched, calls }));
