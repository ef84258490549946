import type { Guard, OpenTask, Permit } from "@burnrate/core";
import {
  beginAtOnce,
  checkOneOf,
  cutReason,
  isPromise,
  optionError,
  withoutClaim,
} from "@burnrate/core/adapter";
import { toErrorMessage } from "./agent-tool.ts";
import { checkArguments } from "./check-options.ts";
import { stateOf } from "./guard-state.ts";
import { type LoneRun, runOf } from "./lone-run.ts";
import { isObject, type Loose, read, readText } from "./shape.ts";
import { toToolCall } from "./to-call.ts";
import { isBubbleUp, toolErrorText } from "./to-error.ts";
import { DONE, settle, toToolResult } from "./to-outcome.ts";
import { passOnTool } from "./tool-stream.ts";
import { isWrapped, NO_OPTIONS, wrapOnce } from "./wrap-once.ts";

/** Options of {@link guardTool}. */
export interface GuardToolOptions {
  /**
   * What a refused call becomes: an error that is thrown (default; agents make a message of it), or
   * an error message that the model reads.
   */
  readonly toolBlock?: "message" | "throw";
}

type Run = (args: unknown, runManager: unknown, config: unknown) => unknown;

/**
 * Guards every call of a LangChain tool, whoever makes it: `invoke` and `call`, with arguments or
 * with a model's tool call, in agents, in a `ToolNode` and alone. A kill of level `abort` fires the
 * signal that the tool is given. What the tool throws stays what it is. What comes back keeps the
 * type, and `instanceof`.
 *
 * @throws {ConfigError} `BR9001` for something that is no tool.
 * Each call throws a {@link GuardError} when refused, unless `toolBlock` is `message`.
 *
 * @example
 * const search = guardTool(tool(run, { name: "search", schema }), guard);
 */
export function guardTool<T extends object>(
  tool: T,
  guard: Guard,
  options: GuardToolOptions = NO_OPTIONS,
): T {
  checkArguments("guardTool", guard, options, ["toolBlock"]);
  checkOneOf("guardTool.toolBlock", options.toolBlock ?? "throw", ["message", "throw"]);
  if (isWrapped(guard, tool)) return tool;
  const run = read(tool, "_call");
  if (typeof run !== "function" || readText(tool, "name") === undefined) {
    throw optionError("tool", tool, "a tool of LangChain's");
  }
  const guardedTool: GuardedTool = { guard, tool, run: run.bind(tool) as Run, options };
  const guarded: Run = (args, runManager, config) =>
    callGuarded(guardedTool, args, runManager, config);
  const toJson = (): unknown => named(tool);
  return wrapOnce(guard, tool, options, () => {
    const get = (target: T, key: PropertyKey): unknown => {
      if (key === "_call") return guarded;
      const value = (target as Loose)[key];
      return key === "toJSON" && typeof value === "function" ? toJson : value;
    };
    return { wrapper: new Proxy(tool, { get }), target: tool, options };
  });
}

/** What LangChain tells callbacks of the tool: its class, and here its name, too. */
function named(tool: object): unknown {
  const told: unknown = (tool as { toJSON(): unknown }).toJSON();
  return isObject(told) ? { ...told, name: readText(tool, "name") } : told;
}

/** What the calls of one guarded tool have in common. */
interface GuardedTool {
  readonly guard: Guard;
  readonly tool: object;
  readonly run: Run;
  readonly options: GuardToolOptions;
}

async function callGuarded(
  { guard, tool, run, options: { toolBlock } }: GuardedTool,
  args: unknown,
  runManager: unknown,
  config: unknown,
): Promise<unknown> {
  const state = stateOf(guard);
  const runId = readText(runManager, "runId");
  const opened = state.calls.get(runId);
  if (opened !== undefined) {
    const { permit } = opened;
    const start = (): unknown => runUnder(permit, run, args, runManager, config);
    try {
      return await inTask(guard, state.tasks.get(runId)?.task, start);
    } catch (error) {
      throw causeOf(error, permit);
    }
  }
  const name = readText(tool, "name") ?? "unknown";
  const signal = read(config, "signal");
  const { task, lone } = runOf(guard, state, runManager, name, signal);
  let permit: Permit;
  try {
    const begun = beginAtOnce(guard, toToolCall(name, args, signal, task));
    permit = isPromise(begun) ? await begun : begun;
    permit.dispatched();
  } catch (error) {
    await lone?.fail(error);
    if (toolBlock !== "message") throw error;
    return refusedAnswer(error, tool, config);
  }
  let output: unknown;
  try {
    const start = (): unknown => runUnder(permit, run, args, runManager, config);
    output = await inTask(guard, task, start);
  } catch (error) {
    return failed(permit, lone, causeOf(error, permit));
  }
  try {
    const parts = passOnTool(permit, output, lone);
    if (parts !== undefined) return parts;
    const settling = settle(permit, toToolResult(output, permit.wantsOutput));
    if (settling !== DONE) await settling;
    if (lone !== undefined) await lone.end(output);
    return output;
  } catch (error) {
    return failed(permit, lone, error);
  }
}

/** A kill that cut the call comes before what the tool threw because of it. */
function causeOf(error: unknown, permit: Permit | undefined): unknown {
  return (permit && cutReason(permit)) ?? error;
}

async function failed(permit: Permit, lone: LoneRun | undefined, error: unknown): Promise<never> {
  await permit.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
  await lone?.fail(error);
  throw error;
}

/**
 * What the tool calls in its turn belongs to its run, also what no callback hears of; to a task that
 * the application opened inside of the run where it did.
 */
function inTask(guard: Guard, task: OpenTask | undefined, start: () => unknown): unknown {
  const isOwn = task === undefined || guard.context().task !== undefined;
  return isOwn ? start() : task.run(start);
}

/**
 * Runs the tool with the permit's signal, be it ours or that of a callback, which ends the call.
 */
function runUnder(
  permit: Permit | undefined,
  run: Run,
  args: unknown,
  runManager: unknown,
  config: unknown,
): unknown {
  if (permit === undefined) return withoutClaim(() => run(args, runManager, config));
  const own = read(config, "signal");
  const signal = own instanceof AbortSignal ? AbortSignal.any([own, permit.signal]) : permit.signal;
  return withoutClaim(() => run(args, runManager, withSignal(config, signal)));
}

/**
 * A copy of a configuration, with a signal. LangChain has deleted keys of it, and what somebody has
 * deleted from takes the engine three times as long to spread as to copy key by key.
 */
function withSignal(config: unknown, signal: AbortSignal): Loose {
  const copy: { [key: string]: unknown; signal: AbortSignal } = { signal };
  for (const key of isObject(config) ? Object.keys(config) : []) {
    if (key !== "signal") copy[key] = (config as Loose)[key];
  }
  return copy;
}

/** A tool that answers in content and artifact must do so here, too; without a call, in a text. */
async function refusedAnswer(error: unknown, tool: object, config: unknown): Promise<unknown> {
  if (read(tool, "responseFormat") === "content_and_artifact") return [toolErrorText(error), error];
  const id = readText(read(config, "toolCall"), "id");
  if (id === undefined) return toolErrorText(error);
  return toErrorMessage(error, { id, name: readText(tool, "name") ?? "unknown" });
}
