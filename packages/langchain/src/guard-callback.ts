import type { Guard, OpenTask, Permit } from "@burnrate/core";
import type { GuardCallback } from "./callback-handler.ts";
import { stateOf } from "./guard-state.ts";
import { openRunTask, readRunName } from "./run-task.ts";
import { isObject, read, readText } from "./shape.ts";
import { toModelCall, toToolCall } from "./to-call.ts";
import { cutReason, isAbort, isBubbleUp } from "./to-error.ts";
import { cachedResult, toResult, toToolResult } from "./to-outcome.ts";

/** Options of {@link guardCallback}. */
export interface GuardCallbackOptions {
  /** Whether tool calls are guarded too. Default true. */
  readonly tools?: boolean;
}

/**
 * Guards every model and tool call that LangChain tells callbacks about: models, chains, graphs and
 * agents, sub-agents included. A refusal is thrown before the request is sent; a kill of level
 * `abort` stops a stream at its next token. A callback cannot change a request, so it sends no
 * output limit: without one in the request, the reservation is marked `assumed`.
 *
 * Each call throws a {@link GuardError} when refused.
 *
 * @example
 * await chain.invoke(input, { callbacks: [guardCallback(guard)] });
 */
export function guardCallback(guard: Guard, options: GuardCallbackOptions = {}): GuardCallback {
  const tools = options.tools ?? true;
  const state = stateOf(guard);
  const seen = new WeakMap<Permit, number>();

  const open = async (runId: string, begin: () => Promise<Permit>): Promise<void> => {
    let call = state.calls.get(runId);
    if (call === undefined) {
      call = dispatch(begin());
      state.calls.set(runId, call);
    }
    try {
      await call;
    } catch (error) {
      state.calls.delete(runId);
      throw error;
    }
  };
  const inheritTask = (runId: string, parentRunId: unknown): OpenTask | undefined => {
    const task = state.tasks.get(typeof parentRunId === "string" ? parentRunId : undefined);
    if (task !== undefined) state.tasks.set(runId, task);
    return task?.task;
  };
  const take = async (runId: string): Promise<Permit | undefined> => {
    const task = state.tasks.get(runId);
    if (task !== undefined && task.ownerRunId !== runId) state.tasks.take(runId);
    return state.calls.take(runId);
  };
  const startModel = async (
    llm: unknown,
    input: unknown,
    runId: string,
    [parentRunId, extra, , metadata]: readonly unknown[],
  ): Promise<void> => {
    const task = inheritTask(runId, parentRunId);
    if (isObject(llm) && state.guardedModels.has(llm)) return; // the model opens its own call
    const request = toModelCall({
      params: read(extra, "invocation_params"),
      described: metadata,
      fallbackName: readText(read(llm, "kwargs"), "model") ?? lastOf(read(llm, "id")),
      input,
      signal: read(read(extra, "options"), "signal"),
      canLimit: false,
    });
    await open(runId, () => guard.begin(task === undefined ? request : { ...request, task }));
  };
  const progress = async (runId: string): Promise<void> => {
    const permit = await state.calls.get(runId);
    if (permit === undefined) return;
    const tokens = (seen.get(permit) ?? 0) + 1;
    seen.set(permit, tokens);
    permit.progress({ outputTokens: tokens });
    const reason = cutReason(permit);
    if (reason !== undefined) throw reason;
  };

  const callback: GuardCallback = {
    name: "burnrate-guard",
    raiseError: true,
    awaitHandlers: true,
    ignoreLLM: false,
    ignoreChain: false,
    ignoreAgent: !tools,
    ignoreRetriever: true,
    ignoreCustomEvent: true,
    copy: () => callback,
    handleChatModelStart: (llm, messages, runId, ...rest) => startModel(llm, messages, runId, rest),
    handleLLMStart: (llm, prompts, runId, ...rest) => startModel(llm, prompts, runId, rest),
    handleLLMNewToken: (_token, _index, runId) => progress(runId),
    handleChatModelStreamEvent: (_event, runId) => progress(runId),
    async handleLLMEnd(output, runId, ...[, , extra]) {
      const permit = await take(runId);
      if (permit === undefined) return;
      const cached = read(extra, "cached") === true;
      await permit.settle(cached ? cachedResult() : toResult(output, permit.wantsOutput));
    },
    async handleLLMError(error, runId) {
      const permit = await take(runId);
      await permit?.fail(cutReason(permit) ?? error);
    },
    async handleToolStart(tool, input, runId, ...[parentRunId, , , runName]) {
      const task = inheritTask(runId, parentRunId);
      const request = toToolCall(readRunName(runName, tool), input);
      await open(runId, () => guard.begin(task === undefined ? request : { ...request, task }));
    },
    async handleToolEnd(output, runId) {
      const permit = await take(runId);
      await permit?.settle(toToolResult(output, permit.wantsOutput));
    },
    async handleToolError(error, runId) {
      const permit = await take(runId);
      await permit?.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
    },
    async handleChainStart(chain, _inputs, runId, ...[parentRunId, , , , runName]) {
      if (inheritTask(runId, parentRunId) !== undefined) return;
      const task = openRunTask(guard, readRunName(runName, chain));
      if (task !== undefined) state.tasks.set(runId, { task, ownerRunId: runId });
    },
    async handleChainEnd(output, runId) {
      const run = state.tasks.take(runId);
      if (run?.ownerRunId === runId) await run.task.end({ output });
    },
    async handleChainError(error, runId) {
      const run = state.tasks.take(runId);
      if (run?.ownerRunId !== runId) return;
      await run.task.end({ error, aborted: isAbort(error) });
    },
  };
  if (tools) state.toolCallbacks.add(callback);
  return callback;
}

/** LangChain sends right after its start event: from here on the provider may bill. */
async function dispatch(begin: Promise<Permit>): Promise<Permit> {
  const permit = await begin;
  permit.dispatched();
  return permit;
}

function lastOf(list: unknown): string | undefined {
  const last: unknown = Array.isArray(list) ? list.at(-1) : undefined;
  return typeof last === "string" ? last : undefined;
}
