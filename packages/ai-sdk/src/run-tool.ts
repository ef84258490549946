import type { Permit } from "@burnrate/core";
import { cutReason, isDone, isPromise, type MaybePromise } from "@burnrate/core/adapter";
import { toError } from "./to-error.ts";
import { untilKilled } from "./until-killed.ts";

/** A tool that may run. */
export interface OpenTool {
  readonly permit: Permit;
  /** Runs it. */
  start(): unknown;
  /** What the guard is told of an error. */
  toEnd(error: unknown): unknown;
  /** Runs what belongs to it, as a call of the same run. */
  within<T>(fn: () => T): T;
}

/**
 * Runs a tool that is a plain function, and settles its call. Such a function may hand back a
 * generator, too. Frameworks read one only if they get it at once: not where the guard has to wait
 * before the function may run, and its last result counts.
 */
export function runFunction(open: () => MaybePromise<OpenTool>): unknown {
  let tool: MaybePromise<OpenTool>;
  try {
    tool = open();
  } catch (refusal) {
    return Promise.reject(refusal);
  }
  if (isPromise(tool)) return tool.then((opened) => settleOnce(opened, () => start(opened)));
  let result: unknown;
  try {
    result = start(tool);
    if (isAsyncIterable(result)) return runGenerator(() => tool, result);
  } catch (thrown) {
    return settleOnce(tool, () => Promise.reject(thrown));
  }
  return settleOnce(tool, () => result);
}

function start(tool: OpenTool): unknown {
  tool.permit.dispatched();
  throwIfCut(tool.permit);
  return tool.start();
}

async function settleOnce(tool: OpenTool, run: () => unknown): Promise<unknown> {
  const { permit } = tool;
  const last = (async () => lastOf(await run()))();
  let output: unknown;
  try {
    if (permit.signal.aborted) last.catch(() => undefined); // by then nobody may wait for it
    output = await untilKilled(permit, () => last);
    throwIfCut(permit);
  } catch (thrown) {
    const error = toError(thrown, permit);
    await permit.fail(tool.toEnd(error));
    throw error;
  }
  const settling = permit.settle(permit.wantsOutput ? { output } : {});
  if (!isDone(permit)) await settling;
  return output;
}

async function lastOf(result: unknown): Promise<unknown> {
  if (!isAsyncIterable(result)) return result;
  let last: unknown;
  for await (const value of result) last = value;
  return last;
}

/**
 * Runs a tool that gives preliminary results, and settles its call however that ends. `started` are
 * the results of one that runs already.
 */
export async function* runGenerator(
  open: () => MaybePromise<OpenTool>,
  started?: AsyncIterable<unknown>,
): AsyncGenerator<unknown> {
  const tool = await open();
  const { permit } = tool;
  let output: unknown;
  let iterator: AsyncIterator<unknown> | undefined;
  let finished = false;
  try {
    const values = (started ?? (start(tool) as AsyncIterable<unknown>))[Symbol.asyncIterator]();
    iterator = values;
    for (;;) {
      const step = await untilKilled(permit, () => tool.within(() => values.next()));
      throwIfCut(permit);
      if (step.done === true) break;
      output = step.value;
      yield output;
    }
    finished = true;
  } catch (thrown) {
    finished = true;
    const error = toError(thrown, permit);
    void iterator?.return?.().catch(() => undefined);
    await permit.fail(tool.toEnd(error));
    throw error;
  } finally {
    if (!finished) {
      const ended = permit.fail(undefined, { abandoned: true }); // whatever the tool's end brings
      await iterator?.return?.();
      await ended;
    }
  }
  await permit.settle({ ...(permit.wantsOutput && { output }) });
}

/** A kill that came after the caller's own abort, or just as the tool answered, ended no wait. */
function throwIfCut(permit: Permit): void {
  const cut = cutReason(permit);
  if (cut !== undefined) throw cut;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
