import type { CallRequest, Guard, Permit } from "@burnrate/core";
import {
  beginAtOnce,
  type ClaimKey,
  isPromise,
  type MaybePromise,
  takeClaim,
  withClaim,
  withoutClaim,
} from "@burnrate/core/adapter";
import { isNeverSent, noteNeverSent, refusedInside } from "./guarded.ts";
import type { RunRegistry } from "./run-registry.ts";
import { type OpenTool, runFunction, runGenerator } from "./run-tool.ts";

/** The options that the framework hands to a tool, as far as we read them. */
interface ExecuteOptions {
  readonly toolCallId?: string;
  readonly abortSignal?: AbortSignal;
}

/** A tool's `execute`: a value, a promise, or a generator of preliminary results. */
export type Execute = (input: unknown, options: ExecuteOptions) => unknown;

/** Puts a guard in front of one tool's `execute`. */
export type ToolHook = (
  name: string,
  execute: Execute,
  generator: boolean,
  /** The guards that are in front of it already: when one of those refuses, nothing ran. */
  inner?: readonly Guard[],
) => Execute;

const guardedBy = new WeakMap<object, readonly Guard[]>();

/** The guards in front of a tool: the same one once more would count each call twice. */
export function guardsOf(execute: Execute): readonly Guard[] {
  return guardedBy.get(execute) ?? [];
}

/** What a tool's permit was opened at, where another hook may take it over. */
const openedAt = new WeakMap<Permit, number | undefined>();

/**
 * Takes over the permit of a hook around this one, unless that one did not know the price: a call
 * that counts twice is better than one that is free.
 */
function adopt(key: ClaimKey, usd: number | undefined): Permit | undefined {
  const outer = takeClaim(key);
  return outer !== undefined && (usd === undefined || openedAt.get(outer) === usd)
    ? outer
    : undefined;
}

/** A kill's signal; joined with the caller's where the outer hook could not know that. */
function signalOf({ signal }: Permit, options: ExecuteOptions | undefined): AbortSignal {
  const { abortSignal } = options ?? {};
  return abortSignal === undefined ? signal : AbortSignal.any([abortSignal, signal]);
}

/**
 * Makes the hook of one guard. `prices` are dollars a call, by tool. `inside`: whether the guard's
 * own hook on the same tool may be inside of this one.
 */
export function createToolHook(
  guard: Guard,
  runs: RunRegistry,
  prices: ReadonlyMap<string, number>,
  inside: "alone" | "stacked" = "alone",
): ToolHook {
  return (name, execute, generator, inner = []) => {
    const toEnd = (error: unknown): unknown =>
      inner.length > 0 && isNeverSent(error) ? refusedInside(error) : error;
    const open = (input: unknown, options: ExecuteOptions = {}): MaybePromise<OpenTool> => {
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
      const key: ClaimKey = { guard, kind: "tool", name };
      const outer = adopt(key, usd);
      // What the tool calls inside belongs to the same run, and is a call of its own.
      const within = <T>(fn: () => T): T => withoutClaim(() => (task ? task.run(fn) : fn()));
      const admitted = (permit: Permit): OpenTool => {
        const guardedOptions = { ...options, abortSignal: signalOf(permit, outer && options) };
        const start = (): unknown => execute(input, guardedOptions);
        if (inside === "alone") return { permit, within, toEnd, start: () => within(start) };
        openedAt.set(permit, usd);
        return { permit, within, toEnd, start: () => within(() => withClaim(key, permit, start)) };
      };
      if (outer !== undefined) return admitted(outer);
      try {
        const begun = beginAtOnce(guard, request);
        return isPromise(begun) ? begun.then(admitted, refuse) : admitted(begun);
      } catch (error) {
        return refuse(error);
      }
    };
    const guarded: Execute = generator
      ? (input, options) => runGenerator(() => open(input, options))
      : (input, options) => runFunction(() => open(input, options));
    const marked = generator ? asGenerator(guarded) : guarded;
    guardedBy.set(marked, [...inner, guard]);
    return marked;
  };
}

function refuse(error: unknown): never {
  noteNeverSent(error);
  throw error;
}

/** Keeps the kind of function that the framework and other wrappers may look at. */
function asGenerator(execute: Execute): Execute {
  return async function* (input: unknown, options: ExecuteOptions) {
    yield* execute(input, options) as AsyncGenerator<unknown>;
  };
}
