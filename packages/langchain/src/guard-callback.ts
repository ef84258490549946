import type { CallRequest, Guard, Permit } from "@burnrate/core";
import { beginAtOnce, cutReason, isPromise } from "@burnrate/core/adapter";
import { ambientRun, isInsideRun } from "./ambient-run.ts";
import { type AskedTool, askedTool, noteAsked, readToolName } from "./asked-tools.ts";
import { awaitsTokens } from "./awaits-tokens.ts";
import type { GuardCallback } from "./callback-handler.ts";
import { createCallbackTasks } from "./callback-tasks.ts";
import { checkArguments } from "./check-options.ts";
import {
  abandon,
  type OpenCall,
  type RunStart,
  refuseRun,
  stateWithCallback,
} from "./guard-state.ts";
import type { LoneRun } from "./lone-run.ts";
import { readModelStart, serializedName } from "./model-start.ts";
import { isNeverSent, NOTHING_SENT } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";
import { noteRefusal } from "./refusal-note.ts";
import { endFailed } from "./run-task.ts";
import { isObject, read } from "./shape.ts";
import { toArguments, toModelCall, toToolCall } from "./to-call.ts";
import { isBubbleUp, isInterrupt, toEnd } from "./to-error.ts";
import { answerOf, cachedResult, DONE, settle, toResult, toToolResult } from "./to-outcome.ts";
import { toSources } from "./to-sources.ts";
import { NO_OPTIONS } from "./wrap-once.ts";

/** Options of {@link guardCallback}. */
export interface GuardCallbackOptions {
  /** Whether tool calls are guarded too. Default true. */
  readonly tools?: boolean;
}

/**
 * Guards every model and tool call that LangChain tells callbacks about: models, chains, graphs and
 * agents, sub-agents included. A refusal is thrown before the request is sent; a kill of level
 * `abort` stops a stream at its next token, where the model waits for callbacks. A callback cannot
 * change a request, so it sends no output limit: without one in the request, the reservation is
 * marked `assumed`. Nor does it see that a provider's client repeats a request (`maxRetries`): all
 * attempts are one call, which is charged as the last one ended, though an earlier one may have
 * been billed. Give such a model `maxRetries: 0`, or use `guardModel`.
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
  const runs = createCallbackTasks(guard, state);
  let toolSignal: unknown;
  let asked: AskedTool | undefined;
  let isInside = false;

  const open = (
    runId: string,
    start: RunStart,
    request: CallRequest,
    isAwaited = true,
  ): Promise<void> => {
    const known = state.calls.get(runId);
    if (known !== undefined && known.start === start) return opened(known); // given twice
    if (known !== undefined) abandon(known); // another run has its id: whose end comes is not told
    try {
      const begun = beginAtOnce(guard, request);
      if (isPromise(begun)) return openLater(runId, start, begun, isAwaited);
      // LangChain sends right after its start event: from here on the provider may bill.
      begun.dispatched();
      noteRefusal(undefined);
      const call = { start, begun, permit: begun, tokens: 0, awaitsTokens: isAwaited };
      runs.own(runId)?.lone?.follow(call);
      state.calls.set(runId, call);
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
    isAwaited: boolean,
  ): Promise<void> => {
    const call: OpenCall = { start, begun, permit: undefined, tokens: 0, awaitsTokens: isAwaited };
    state.calls.set(runId, call);
    try {
      call.permit = await begun;
      call.permit.dispatched();
      runs.own(runId)?.lone?.follow(call);
      noteRefusal(undefined);
    } catch (error) {
      noteRefusal(error);
      refuseRun(runId, { start, error: notRetryable(error) });
      throw error;
    }
  };
  /** Why another callback has refused the same run. */
  const refusalOf = (runId: string, start: RunStart): { readonly error: unknown } | undefined => {
    const refused = state.refused.get(runId);
    return refused !== undefined && refused.start === start ? refused : undefined;
  };
  const take = (runId: string): { call: OpenCall | undefined; lone: LoneRun | undefined } => ({
    call: state.calls.take(runId),
    lone: runs.takeLone(runId),
  });
  const startModel = (
    llm: unknown,
    input: unknown,
    runId: string,
    rest: readonly unknown[],
  ): Promise<void> => {
    const { parentRunId, metadata, runName, params, signal, isInGraph } = readModelStart(rest);
    const refused = refusalOf(runId, metadata);
    if (refused !== undefined) return Promise.reject(refused.error);
    const task = runs.join(runId, {
      parentRunId,
      runName,
      serialized: llm,
      signal,
      isInside: isInside || isInGraph,
    });
    if (isObject(llm) && state.guardedModels.has(llm)) {
      return DONE; // the model opens its own call
    }
    const request = toModelCall({
      params,
      described: metadata,
      fallbackName: () => serializedName(llm),
      namespace: () => read(llm, "id"),
      input,
      signal,
      canLimit: false,
      task,
    });
    return open(runId, metadata, request, awaitsTokens(llm));
  };
  const progress = (runId: string): Promise<void> => {
    const call = state.calls.get(runId);
    if (call?.permit === undefined) return DONE;
    call.tokens += 1;
    call.permit.progress({ outputTokens: call.tokens });
    if (call.awaitsTokens === false) return DONE; // its end is refused
    const reason = cutReason(call.permit);
    return reason === undefined ? DONE : Promise.reject(notRetryable(reason));
  };

  const callback: GuardCallback = {
    name: "burnrate-guard",
    raiseError: true,
    awaitHandlers: true,
    // These three are looked at right before start events, which run outside of the run's context.
    get ignoreLLM() {
      isInside = isInsideRun();
      return false as const;
    },
    ignoreChain: false,
    get ignoreAgent() {
      // A tool's start event is told of no signal. A `tool()` that starts aborted never ends: it
      // must not begin.
      toolSignal = tools ? ambientRun().signal : undefined;
      asked = tools ? askedTool() : undefined;
      isInside = isInsideRun();
      return !tools;
    },
    get ignoreRetriever() {
      isInside = isInsideRun();
      return false as const;
    },
    ignoreCustomEvent: true,
    copy: () => callback,
    handleChatModelStart: (llm, messages, runId, ...rest) => startModel(llm, messages, runId, rest),
    handleLLMStart: (llm, prompts, runId, ...rest) => startModel(llm, prompts, runId, rest),
    handleLLMNewToken: (_token, _index, runId) => progress(runId),
    handleChatModelStreamEvent: (_event, runId) => progress(runId),
    handleLLMEnd(output, runId, ...rest) {
      if (tools) noteAsked(state.askedTools, output);
      const { call, lone } = take(runId);
      const cached = read(rest[2], "cached") === true;
      const end = (permit: Permit): Promise<void> =>
        settle(permit, cached ? cachedResult() : toResult(output, permit.wantsOutput));
      const ending = call === undefined ? DONE : whenBegun(call, end);
      if (lone === undefined) return ending;
      return ending === DONE ? lone.answered(output) : endWith(lone, ending, answerOf(output));
    },
    async handleLLMError(error, runId) {
      const { call, lone } = take(runId);
      const permit = await call?.begun;
      const reason = (permit && cutReason(permit)) ?? error;
      const isAnswered = call !== undefined && call.tokens > 0;
      await permit?.fail(
        isAnswered ? reason : toEnd(reason),
        isNeverSent(error) ? NOTHING_SENT : {},
      );
      await lone?.fail(reason);
    },
    async handleToolStart(tool, input, runId, ...[parentRunId, , metadata, runName, toolCallId]) {
      const refused = refusalOf(runId, metadata);
      if (refused !== undefined) throw refused.error;
      const started = { serialized: tool, runName, toolCallId, asked };
      const task = runs.join(runId, {
        parentRunId,
        runName,
        serialized: tool,
        signal: toolSignal,
        isInside,
      });
      const name = readToolName(state.askedTools, started);
      await open(runId, metadata, toToolCall(name, toArguments(input), toolSignal, task));
    },
    async handleToolEnd(output, runId) {
      const { call, lone } = take(runId);
      const permit = await call?.begun;
      const settling = permit && settle(permit, toToolResult(output, permit.wantsOutput));
      if (lone === undefined) await settling;
      else await endWith(lone, settling ?? DONE, output);
    },
    async handleToolError(error, runId) {
      const { call, lone } = take(runId);
      const permit = await call?.begun;
      await permit?.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
      await lone?.fail(error);
    },
    async handleRetrieverStart(retriever, _query, runId, ...[parentRunId, , , runName]) {
      runs.join(runId, { parentRunId, runName, serialized: retriever, isInside });
    },
    async handleRetrieverEnd(documents, runId, parentRunId) {
      const sources = toSources(documents, "retriever") ?? [];
      const task = (state.tasks.get(runId) ?? state.tasks.get(parentRunId))?.task;
      if (task === undefined) guard.addSources(sources);
      else task.addSources(sources);
      await take(runId).lone?.end(documents);
    },
    async handleRetrieverError(error, runId) {
      await take(runId).lone?.fail(error);
    },
    async handleChainStart(chain, _inputs, runId, ...[parentRunId, , metadata, , runName]) {
      runs.joinChain(runId, { parentRunId, runName, serialized: chain }, metadata);
    },
    async handleChainEnd(output, runId) {
      const run = state.tasks.take(runId);
      if (run?.ownerRunId !== runId) return;
      await run.task.end({ output, aborted: run.paused });
    },
    async handleChainError(error, runId) {
      const run = state.tasks.take(runId);
      if (run !== undefined && isInterrupt(error)) run.paused = true;
      if (run?.ownerRunId === runId) await endFailed(run.task, error, run.signal);
    },
  };
  Object.setPrototypeOf(callback, BurnrateGuard.prototype);
  state.callbacks.add(callback);
  if (tools) state.toolCallbacks.add(callback);
  return callback;
}

/** LangChain writes the name of a callback's class beside each error that it throws. */
class BurnrateGuard {}

function whenBegun({ begun }: OpenCall, end: (permit: Permit) => Promise<void>): Promise<void> {
  return isPromise(begun) ? begun.then(end) : end(begun);
}

/** Ends a run of one call as that ended. */
async function endWith(lone: LoneRun, ending: Promise<void>, output: unknown): Promise<void> {
  try {
    await ending;
  } catch (error) {
    await lone.fail(error);
    throw error;
  }
  await lone.end(output);
}

async function opened({ begun }: OpenCall): Promise<void> {
  await begun;
}
