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

/** Runs a tool that gives one result, and settles its call. */
export async function runOnce(open: () => MaybePromise<OpenTool>): Promise<unknown> {
  const opened = open();
  const tool = isPromise(opened) ? await opened : opened;
  const { permit } = tool;
  let output: unknown;
  try {
    permit.dispatched();
    output = await untilKilled(permit, async () => lastOf(await tool.start()));
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

/** A plain function may return a generator, too, but only after it ran: its last result counts. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!isAsyncIterable(result)) return result;
  let last: unknown;
  for await (const value of result) last = value;
  return last;
}

/** Runs a tool that gives preliminary results, and settles its call however that ends. */
export async function* runGenerator(open: () => MaybePromise<OpenTool>): AsyncGenerator<unknown> {
  const tool = await open();
  const { permit } = tool;
  let output: unknown;
  let iterator: AsyncIterator<unknown> | undefined;
  let finished = false;
  try {
    permit.dispatched();
    const values = (tool.start() as AsyncIterable<unknown>)[Symbol.asyncIterator]();
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
