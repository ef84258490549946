import type { Guard } from "@burnrate/core";
import { checkObject } from "@burnrate/core/adapter";
import { checkCosts, checkGuard, checkOptions } from "./check-arguments.ts";
import { runRegistry } from "./run-registry.ts";
import { fieldsOf } from "./sdk-types.ts";
import { createToolHook, type Execute, guardsOf } from "./tool-hook.ts";

/** Options of `guardTools`. */
export interface GuardToolsOptions {
  /** Flat price of one call in dollars, by the name of a tool that has `execute`. */
  readonly costs?: Readonly<Record<string, number>>;
}

/**
 * The same tools with the guard in front of each `execute`. Types, schemas, approvals and
 * generator tools stay; tools without `execute` (the client's or the provider's) are left alone. A
 * plain function that returns a generator shows its last result alone where the guard has to wait
 * before it runs (for a person, or for a store, as the first call with a durable one does): write
 * `async *execute`, which shows all.
 *
 * A refusal is a tool error like any other: the model reads it and the loop goes on. To end the
 * loop, look for `findGuardError` in `stopWhen`, or rely on the model's own guard.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * const agent = new ToolLoopAgent({ model: guardModel(model, guard), tools: guardTools({ search }, guard) });
 */
export function guardTools<T extends Readonly<Record<string, object>>>(
  tools: T,
  guard: Guard,
  options: GuardToolsOptions = {},
): T {
  checkGuard("guardTools", guard);
  const { costs } = checkOptions("guardTools", options, ["costs"]);
  checkObject("the tools of guardTools", tools);
  const entries = Object.entries(tools);
  const executed = entries.filter(([, tool]) => isExecuted(tool) || callerOf(tool) !== undefined);
  const names = executed.map(([name]) => name);
  const prices = checkCosts("guardTools.costs", costs, names);
  const hook = createToolHook(guard, runRegistry(guard), prices);

  function guarded(name: string, tool: object): object {
    const members: PropertyDescriptorMap = {};
    const caller = callerOf(tool);
    if (caller !== undefined) {
      const bind = (called: unknown): object => guarded(name, caller.bind(called));
      const value = Object.create(caller, { bind: { value: bind, enumerable: true } });
      members[CALLER] = { value, enumerable: true, configurable: true, writable: true };
    }
    const inner = isExecuted(tool) ? guardsOf(tool.execute) : [];
    if (isExecuted(tool) && !inner.includes(guard)) {
      const { execute } = tool;
      const value = hook(name, execute.bind(tool), isGenerator(execute), inner);
      members["execute"] = { value, enumerable: true, configurable: true, writable: true };
    } else if (caller === undefined) return tool;
    const descriptors = Object.getOwnPropertyDescriptors(tool);
    return Object.create(Object.getPrototypeOf(tool), { ...descriptors, ...members });
  }

  return Object.fromEntries(entries.map(([name, tool]) => [name, guarded(name, tool)])) as T;
}

/** Where `ai` 7 keeps how a tool calls others, such as one that runs a model's code. */
const CALLER = "experimental_toolCaller";

/** Makes the tool that runs in place of the one that was given, of the tools that it may call. */
interface LocalCaller {
  bind(tools: unknown): object;
}

function callerOf(tool: unknown): LocalCaller | undefined {
  const { type, bind } = fieldsOf(fieldsOf(tool)[CALLER]);
  const isLocal = type === "local" && typeof bind === "function";
  return isLocal ? (fieldsOf(tool)[CALLER] as LocalCaller) : undefined;
}

/** Whether this process executes the tool; others are the client's or the provider's. */
function isExecuted(tool: unknown): tool is { readonly execute: Execute } {
  return typeof (tool as { execute?: unknown } | null | undefined)?.execute === "function";
}

/** Bound functions forget what they are, so this looks at the tool's own. */
function isGenerator(execute: Execute): boolean {
  return Object.prototype.toString.call(execute) === "[object AsyncGeneratorFunction]";
}
