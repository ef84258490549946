import type { CallRequest, Guard, OpenTask, Permit } from "@burnrate/core";
import { beginAtOnce, isPromise } from "@burnrate/core/adapter";
import { ambientRun } from "./ambient-run.ts";
import type { GuardCallback } from "./callback-handler.ts";
import { checkArguments } from "./check-options.ts";
import {
  abandon,
  type OpenCall,
  type RunStart,
  refuseRun,
  stateWithCallback,
} from "./guard-state.ts";
import { isNeverSent, NOTHING_SENT } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";
import { noteRefusal } from "./refusal-note.ts";
import { openRunTask, readRunName } from "./run-task.ts";
import { isObject, read, readText } from "./shape.ts";
import { toArguments, toModelCall, toToolCall } from "./to-call.ts";
import { cutReason, isAbort, isBubbleUp, isInterrupt, isTimeout } from "./to-error.ts";
import { cachedResult, settle, toResult, toToolResult } from "./to-outcome.ts";
import { toSources } from "./to-sources.ts";
import { NO_OPTIONS } from "./wrap-once.ts";

const DONE = Promise.resolve();
/** Nobody changed their mind, the provider was too slow. */
const TIMED_OUT = new Error("The run has timed out.");

/** Options of {@link guardCallback}. */
export interface GuardCallbackOptions {
  /** Whether tool calls are guarded too. Default true. */
  readonly tools?: boolean;
}

/**
 * Guards every model and tool call that LangChain tells callbacks about: models, chains, graphs and
 * agents, sub-agents included. A refusal is thrown before the request is sent; a kill of level
 * `abort` stops a stream at its next token. A callback cannot change a request, so it sends no
 * output limit: without one in the request, the reservation is marked `assumed`. Nor does it see
 * that a provider's client repeats a request (`maxRetries`): all attempts are one call, which is
 * charged as the last one ended, though an earlier one may have been billed. Give such a model
 * `maxRetries: 0`, or use `guardModel`.
 *
 * @throws {ConfigError} `BR9001` for anything but a guard and known options.
 * Each call throws a {@link GuardError} when refused.
 *
 * @example
 * await chain.invoke(input, { callbacks: [guardCallback(guard)] });
 */
export function guardCallback(
  guard: Guard,
  options: GuardCallbackOptions = NO_OPTIONS,
): GuardCallback {
  checkArguments("guardCallback", guard, options, ["tools"]);
  const tools = options.tools ?? true;
  const state = stateWithCallback(guard);
  let toolSignal: unknown;

  const open = (runId: string, start: RunStart, request: CallRequest): Promise<void> => {
    const known = state.calls.get(runId);
    if (known !== undefined && known.start === start) return opened(known); // given twice
    const refused = state.refused.get(runId);
    if (refused !== undefined && refused.start === start) return Promise.reject(refused.error);
    if (known !== undefined) abandon(known); // another run has its id: whose end comes is not told
    try {
      const begun = beginAtOnce(guard, request);
      if (isPromise(begun)) return openLater(runId, start, begun);
      // LangChain sends right after its start event: from here on the provider may bill.
      begun.dispatched();
      noteRefusal(undefined);
      state.calls.set(runId, { start, begun, permit: begun, tokens: 0 });
      return DONE;
    } catch (error) {
      noteRefusal(error);
      refuseRun(runId, { start, error: notRetryable(error) });
      return Promise.reject(error);
    }
  };
  const openLater = async (
    runId: string,
    start: RunStart,
    begun: Promise<Permit>,
  ): Promise<void> => {
    const call: OpenCall = { start, begun, permit: undefined, tokens: 0 };
    state.calls.set(runId, call);
    try {
      call.permit = await begun;
      call.permit.dispatched();
      noteRefusal(undefined);
    } catch (error) {
      noteRefusal(error);
      refuseRun(runId, { start, error: notRetryable(error) });
      throw error;
    }
  };
  const inheritTask = (
    runId: string,
    parentRunId: unknown,
    signal?: unknown,
  ): OpenTask | undefined => {
    const task = state.tasks.get(typeof parentRunId === "string" ? parentRunId : undefined);
    if (task === undefined) return undefined;
    if (signal !== undefined) task.signal = signal;
    state.tasks.set(runId, task);
    return task.task;
  };
  const take = (runId: string): OpenCall | undefined => {
    const task = state.tasks.get(runId);
    if (task !== undefined && task.ownerRunId !== runId) state.tasks.take(runId);
    return state.calls.take(runId);
  };
  const startModel = (
    llm: unknown,
    input: unknown,
    runId: string,
    [parentRunId, extra, , metadata]: readonly unknown[],
  ): Promise<void> => {
    const signal = read(read(extra, "options"), "signal");
    const task = inheritTask(runId, parentRunId, signal);
    if (isObject(llm) && state.guardedModels.has(llm)) {
      return DONE; // the model opens its own call
    }
    const request = toModelCall({
      params: read(extra, "invocation_params"),
      described: metadata,
      fallbackName: readText(read(llm, "kwargs"), "model") ?? lastOf(read(llm, "id")),
      input,
      signal,
      canLimit: false,
      task,
    });
    return open(runId, metadata, request);
  };
  const progress = (runId: string): Promise<void> => {
    const call = state.calls.get(runId);
    if (call?.permit === undefined) return DONE;
    call.tokens += 1;
    call.permit.progress({ outputTokens: call.tokens });
    const reason = cutReason(call.permit);
    return reason === undefined ? DONE : Promise.reject(notRetryable(reason));
  };

  const callback: GuardCallback = {
    name: "burnrate-guard",
    raiseError: true,
    awaitHandlers: true,
    ignoreLLM: false,
    ignoreChain: false,
    get ignoreAgent() {
      // Looked at right before a tool's start event, which itself is told of no signal and runs
      // outside of the run's context. A `tool()` that starts aborted never ends: it must not begin.
      toolSignal = tools ? ambientRun().signal : undefined;
      return !tools;
    },
    ignoreRetriever: false,
    ignoreCustomEvent: true,
    copy: () => callback,
    handleChatModelStart: (llm, messages, runId, ...rest) => startModel(llm, messages, runId, rest),
    handleLLMStart: (llm, prompts, runId, ...rest) => startModel(llm, prompts, runId, rest),
    handleLLMNewToken: (_token, _index, runId) => progress(runId),
    handleChatModelStreamEvent: (_event, runId) => progress(runId),
    handleLLMEnd(output, runId, ...[, , extra]) {
      const begun = take(runId)?.begun;
      if (begun === undefined) return DONE;
      const cached = read(extra, "cached") === true;
      const end = (permit: Permit): Promise<void> =>
        settle(permit, cached ? cachedResult() : toResult(output, permit.wantsOutput));
      return isPromise(begun) ? begun.then(end) : end(begun);
    },
    async handleLLMError(error, runId) {
      const permit = await take(runId)?.begun;
      await permit?.fail(cutReason(permit) ?? error, isNeverSent(error) ? NOTHING_SENT : {});
    },
    async handleToolStart(tool, input, runId, ...[parentRunId, , metadata, runName]) {
      const task = inheritTask(runId, parentRunId, toolSignal);
      const name = readRunName(runName, tool);
      await open(runId, metadata, toToolCall(name, toArguments(input), toolSignal, task));
    },
    async handleToolEnd(output, runId) {
      const permit = await take(runId)?.begun;
      if (permit !== undefined) await settle(permit, toToolResult(output, permit.wantsOutput));
    },
    async handleToolError(error, runId) {
      const permit = await take(runId)?.begun;
      await permit?.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
    },
    async handleRetrieverEnd(documents, _runId, parentRunId) {
      const sources = toSources(documents, "retriever") ?? [];
      const task = state.tasks.get(parentRunId)?.task;
      if (task === undefined) guard.addSources(sources);
      else task.addSources(sources);
    },
    async handleChainStart(chain, _inputs, runId, ...[parentRunId, , , , runName]) {
      if (state.tasks.get(runId) !== undefined) return; // another callback of this guard opened it
      if (inheritTask(runId, parentRunId) !== undefined) return;
      const task = openRunTask(guard, readRunName(runName, chain));
      if (task !== undefined)
        state.tasks.set(runId, { task, ownerRunId: runId, paused: false, signal: undefined });
    },
    async handleChainEnd(output, runId) {
      const run = state.tasks.take(runId);
      if (run?.ownerRunId !== runId) return;
      await run.task.end({ output, aborted: run.paused });
    },
    async handleChainError(error, runId) {
      const run = state.tasks.take(runId);
      if (run !== undefined && isInterrupt(error)) run.paused = true;
      if (run?.ownerRunId !== runId) return;
      // LangChain tells a run of an abort, whatever its signal fired for.
      const failure = isAbort(error) && isTimeout(run.signal) ? TIMED_OUT : error;
      await run.task.end({ error: failure, aborted: isAbort(failure) || isBubbleUp(failure) });
    },
  };
  state.callbacks.add(callback);
  if (tools) state.toolCallbacks.add(callback);
  return callback;
}

async function opened({ begun }: OpenCall): Promise<void> {
  await begun;
}

function lastOf(list: unknown): string | undefined {
  const last: unknown = Array.isArray(list) ? list.at(-1) : undefined;
  return typeof last === "string" ? last : undefined;
}
