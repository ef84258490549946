import type { Guard } from "@burnrate/core";
import { Run } from "./run.ts";
import type { CallOptions, CallParams } from "./sdk-types.ts";
import { WaitingRuns } from "./waiting-runs.ts";

/** Finds the framework's run around a step, so that an application without tasks gets one a run. */
export interface RunRegistry {
  /**
   * The run of a model step: a known one, or a new one. Undefined inside of an application's task.
   */
  forStep(params: CallParams): Run | undefined;
  /** The run that asked for a tool call. */
  forToolCall(toolCallId: string | undefined): Run | undefined;
  /** A step's answer asks for another tool call, and is not over yet. */
  asked(run: Run, toolCallId: string): void;
  /** A step brings its answer as a stream, which nobody need read. */
  streams(run: Run, callId: string): void;
  /** A step brought an answer, and perhaps tool calls. */
  stepped(run: Run, params: CallParams, toolCallIds: readonly string[]): void;
  /** A step failed, or the guard refused it; inside of an application's task there is no run. */
  failed(run: Run | undefined, params: CallParams, error: unknown): void;
}

const registries = new WeakMap<Guard, RunRegistry>();

/** The registry that all hooks of one guard share. */
export function runRegistry(guard: Guard): RunRegistry {
  let registry = registries.get(guard);
  if (registry === undefined) {
    registry = createRunRegistry(guard);
    registries.set(guard, registry);
  }
  return registry;
}

/**
 * `ai` hands no run id to a model. What does tell: `generateText` passes one headers object, made
 * for the run, to every step and attempt; and in every loop a step's prompt answers the tool calls
 * of the step before. Nothing tells that an attempt of `streamText` repeats one that failed:
 * outside of an application's task, each of them is a task. Most runs have one step: what costs
 * something is done when there is a second.
 */
function createRunRegistry(guard: Guard): RunRegistry {
  const byHeaders = new WeakMap<object, Run>();
  const waiting = new WaitingRuns();
  const abandoned = new FinalizationRegistry<Run>((run) => run.end());

  const streaming = new Map<Run, string>();
  // A guard is known by what a call needs of it: without events, such a task stays open.
  guard.on?.("reservation-expired", ({ id }) => {
    for (const [run, callId] of streaming) if (callId === id) return run.end(true); // mostly the first
  });

  const forget = (run: Run): void => {
    if (streaming.size > 0) streaming.delete(run);
    if (!waiting.isEmpty) waiting.delete(run);
  };

  /** Remembers a run that may go on, until it is known to be over. */
  const keep = (run: Run, params: CallParams): void => {
    const headers = runHeaders(params);
    if (run.ended || headers === undefined || byHeaders.get(headers) === run) return;
    byHeaders.set(headers, run);
    abandoned.register(headers, run);
  };

  return {
    forStep(params) {
      if (guard.context().task !== undefined) return undefined;
      const headers = runHeaders(params);
      const known = headers === undefined ? undefined : byHeaders.get(headers);
      if (known !== undefined && !known.ended) return known;
      const asked = waiting.isEmpty ? undefined : answered(params, waiting);
      return asked ?? new Run(guard.openTask({ name: "ai-sdk" }), forget);
    },
    forToolCall: (toolCallId) => waiting.onlyOneFor(toolCallId),
    asked(run, toolCallId) {
      if (!run.ended) waiting.add(run, [toolCallId]);
    },
    streams(run, callId) {
      if (!run.ended) streaming.set(run, callId);
    },
    stepped(run, params, toolCallIds) {
      forget(run);
      run.stepped(toolCallIds);
      if (run.ended) return;
      keep(run, params);
      waiting.add(run, toolCallIds);
    },
    failed(run, params, error) {
      if (run === undefined) return;
      streaming.delete(run);
      const joinable = runHeaders(params) !== undefined;
      run.failed(error, joinable, isAborted(params.abortSignal));
      keep(run, params);
    },
  };
}

/** Whether the caller changed their mind: a time-out is a failure of the run. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && signal.reason?.name !== "TimeoutError";
}

/** The headers object that `generateText` makes for a run; an application's own may outlive one. */
function runHeaders({ headers }: CallParams): object | undefined {
  return headers?.["user-agent"]?.includes("ai/") === true ? headers : undefined;
}

/** The run that asked for a tool call of the prompt's last assistant message. */
function answered(
  { prompt, messages = prompt }: CallParams,
  waiting: WaitingRuns,
): Run | undefined {
  if (!Array.isArray(messages)) return undefined; // no conversation: a text to embed, or an image
  const last = (messages as CallOptions["prompt"]).findLast(({ role }) => role === "assistant");
  if (last === undefined || typeof last.content === "string") return undefined;
  for (const part of last.content) {
    const run = part.type === "tool-call" ? waiting.onlyOneFor(part.toolCallId) : undefined;
    if (run !== undefined) return run;
  }
  return undefined;
}
