import type { CallRequest, CallResult, OpenTask, Permit, ReportedUsage } from "@burnrate/core";
import { cutReason, isDone } from "@burnrate/core/adapter";
import { isCharged, noteCharged, takeFailure } from "./joined-calls.ts";
import type { Run } from "./run.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { CallParams, ModelIdentity, StreamPart } from "./sdk-types.ts";
import { settleStream } from "./stream.ts";
import { awaitedIn, outputOf } from "./to-outcome.ts";
import { toSources } from "./to-sources.ts";

/** A request while it is made. */
export type Draft = { -readonly [key in keyof CallRequest]: CallRequest[key] };

/** How one kind of request and answer is translated for the guard. */
export interface Translation<P extends CallParams> {
  /** What the guard must know before it is sent; `billedBy` overrides its provider. */
  toCall(
    model: ModelIdentity,
    params: P,
    billedBy: string | undefined,
    task: OpenTask | undefined,
  ): Draft;
  /** The request as the guard allows it: a signal that a kill fires, and its output limit. */
  toParams(params: P, permit: Permit): P;
  /** What an answer, or the finish part of a stream, says that was used. */
  toUsage(answer: unknown, params: P): ReportedUsage | undefined;
}

/** One method of a kind of model. */
export interface Method<P extends CallParams, T> extends Translation<P>, Delivery<P, T> {
  send(model: ModelIdentity, params: P): PromiseLike<T>;
}

/** What a request needs from begin to end. */
export interface Attempt<P extends CallParams = CallParams> {
  readonly permit: Permit;
  /** How many hooks around this one see the same request. */
  readonly depth: number;
  readonly run: Run | undefined;
  readonly runs: RunRegistry;
  readonly params: P;
  readonly method: Pick<Translation<P>, "toUsage">;
}

/** How an answer comes: whole, or as a stream. */
interface Delivery<P extends CallParams, T> {
  /**
   * Settles what is whole; undefined when there is nothing to wait for, or the stream's end will.
   */
  settle(attempt: Attempt<P>, result: T): Promise<unknown> | undefined;
  /** What the framework gets. */
  handOn(attempt: Attempt<P>, result: T): T;
}

/** Answers that are whole. */
export const whole: Delivery<CallParams, unknown> = {
  settle({ permit, method, params }, result) {
    if (isDone(permit)) return undefined; // a hook further inside was told by the model itself
    const failure = takeFailure(permit);
    if (failure !== undefined && isCharged(result)) return permit.fail(failure.error);
    const usage = method.toUsage(result, params);
    const cut = cutReason(permit);
    if (cut !== undefined) return withhold(permit, cut, usage);
    const settled: { -readonly [key in keyof CallResult]: CallResult[key] } = {};
    if (usage !== undefined) settled.usage = usage;
    if (permit.wantsOutput) settled.output = outputOf(result);
    if (permit.wantsSources) settled.sources = toSources(settled.output, params.prompt);
    const settling = permit.settle(settled);
    noteCharged(result);
    return isDone(permit) ? undefined : settling;
  },
  handOn({ run, runs, params }, result) {
    if (run !== undefined) runs.stepped(run, params, awaitedIn(result));
    return result;
  },
};

/** What a model answers that did not listen to a kill is billed, and the application is not given it. */
async function withhold(
  permit: Permit,
  kill: unknown,
  usage: ReportedUsage | undefined,
): Promise<never> {
  await permit.fail(kill, usage === undefined ? {} : { usage });
  throw kill;
}

/** Answers that are streams. */
export const streamed: Delivery<CallParams, unknown> = {
  // No stream at all: the framework will say so.
  settle: ({ permit }, result) => (hasStream(result) ? undefined : permit.settle({})),
  handOn(attempt, result) {
    const { run, runs, permit } = attempt;
    if (hasStream(result)) {
      if (run !== undefined) runs.streams(run, permit.id);
      return { ...result, stream: settleStream(result.stream, attempt) };
    }
    run?.end();
    return result;
  },
};

/** Whether an answer has a stream. */
export function hasStream(
  result: unknown,
): result is { readonly stream: ReadableStream<StreamPart> } {
  const stream = (result as { stream?: { getReader?: unknown } } | null | undefined)?.stream;
  return typeof stream?.getReader === "function";
}
