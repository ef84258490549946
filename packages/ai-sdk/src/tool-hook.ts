import { type CallRequest, type Guard, isGuardError, type Permit } from "@burnrate/core";
import { withoutClaim } from "@burnrate/core/adapter";
import type { RunRegistry } from "./run-registry.ts";

/** The options that the framework hands to a tool, as far as we read them. */
interface ExecuteOptions {
  readonly toolCallId?: string;
  readonly abortSignal?: AbortSignal;
}

/** A tool's `execute`: a value, a promise, or a generator of preliminary results. */
export type Execute = (input: unknown, options: ExecuteOptions) => unknown;

/** Puts a guard in front of one tool's `execute`. */
export type ToolHook = (name: string, execute: Execute, generator: boolean) => Execute;

const guardedBy = new WeakMap<object, Guard>();

/** Whether this guard is in front of a tool already: a second one would count each call twice. */
export function isGuarded(execute: Execute, guard: Guard): boolean {
  return guardedBy.get(execute) === guard;
}

/** Makes the hook of one guard. `prices` are dollars a call, by tool. */
export function createToolHook(
  guard: Guard,
  runs: RunRegistry,
  prices: ReadonlyMap<string, number>,
): ToolHook {
  return (name, execute, generator) => {
    const open = async (input: unknown, options: ExecuteOptions = {}): Promise<OpenTool> => {
      const inTask = guard.context().task !== undefined;
      const task = inTask ? undefined : runs.forToolCall(options.toolCallId)?.task;
      const usd = prices.get(name);
      const request: CallRequest = {
        kind: "tool",
        name,
        input,
        ...(options.abortSignal && { signal: options.abortSignal }),
        ...(usd !== undefined && { estimate: { usd } }),
        ...(task && { task }),
      };
      const permit = await guard.begin(request);
      const guardedOptions = { ...options, abortSignal: permit.signal };
      // What the tool calls inside belongs to the same run, and is a call of its own.
      const within = <T>(fn: () => T): T => withoutClaim(() => (task ? task.run(fn) : fn()));
      return { permit, within, start: () => within(() => execute(input, guardedOptions)) };
    };
    const guarded: Execute = generator
      ? (input, options) => runGenerator(() => open(input, options))
      : (input, options) => runOnce(() => open(input, options));
    const marked = generator ? asGenerator(guarded) : guarded;
    guardedBy.set(marked, guard);
    return marked;
  };
}

interface OpenTool {
  readonly permit: Permit;
  start(): unknown;
  within<T>(fn: () => T): T;
}

async function runOnce(open: () => Promise<OpenTool>): Promise<unknown> {
  const tool = await open();
  const { permit } = tool;
  let output: unknown;
  try {
    permit.dispatched();
    output = await untilKilled(permit, async () => lastOf(await tool.start()));
  } catch (error) {
    await permit.fail(error);
    throw error;
  }
  await permit.settle({ ...(permit.wantsOutput && { output }) });
  return output;
}

/** A plain function may return a generator, too, but only after it ran: its last result counts. */
async function lastOf(result: unknown): Promise<unknown> {
  if (!isAsyncIterable(result)) return result;
  let last: unknown;
  for await (const value of result) last = value;
  return last;
}

async function* runGenerator(open: () => Promise<OpenTool>): AsyncGenerator<unknown> {
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
      if (step.done === true) break;
      output = step.value;
      yield output;
    }
    finished = true;
  } catch (error) {
    finished = true;
    void iterator?.return?.().catch(() => undefined);
    await permit.fail(error);
    throw error;
  } finally {
    if (!finished) {
      await iterator?.return?.();
      await permit.fail(undefined, { abandoned: true });
    }
  }
  await permit.settle({ ...(permit.wantsOutput && { output }) });
}

/** Keeps the kind of function that the framework and other wrappers may look at. */
function asGenerator(execute: Execute): Execute {
  return async function* (input: unknown, options: ExecuteOptions) {
    yield* execute(input, options) as AsyncGenerator<unknown>;
  };
}

/** A tool may not listen to its signal; a kill ends the wait for it all the same. */
async function untilKilled<T>(permit: Permit, run: () => Promise<T>): Promise<T> {
  const { signal } = permit;
  if (signal.aborted && isGuardError(signal.reason)) throw signal.reason;
  let stop = (): void => undefined;
  const killed = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      if (isGuardError(signal.reason)) reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    stop = () => signal.removeEventListener("abort", onAbort);
  });
  killed.catch(() => undefined);
  try {
    return await Promise.race([run(), killed]);
  } finally {
    stop();
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
