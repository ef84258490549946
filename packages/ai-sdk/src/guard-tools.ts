import type { Guard } from "@burnrate/core";
import { checkObject } from "@burnrate/core/adapter";
import { checkCosts, checkGuard, checkOptions } from "./check-arguments.ts";
import { runRegistry } from "./run-registry.ts";
import { createToolHook, type Execute, guardsOf } from "./tool-hook.ts";

/** Options of `guardTools`. */
export interface GuardToolsOptions {
  /** Flat price of one call in dollars, by the name of a tool that has `execute`. */
  readonly costs?: Readonly<Record<string, number>>;
}

/**
 * The same tools with the guard in front of each `execute`. Types, schemas, approvals and
 * generator tools stay; tools without `execute` (the client's or the provider's) are left alone.
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
  const executed = entries.filter(([, tool]) => isExecuted(tool)).map(([name]) => name);
  const prices = checkCosts("guardTools.costs", costs, executed);
  const hook = createToolHook(guard, runRegistry(guard), prices);
  const guarded = entries.map(([name, tool]) => {
    if (!isExecuted(tool)) return [name, tool];
    const { execute } = tool;
    const inner = guardsOf(execute);
    if (inner.includes(guard)) return [name, tool];
    const descriptors = Object.getOwnPropertyDescriptors(tool);
    const value = hook(name, execute.bind(tool), isGenerator(execute), inner);
    return [
      name,
      Object.create(Object.getPrototypeOf(tool), {
        ...descriptors,
        execute: { value, enumerable: true, configurable: true, writable: true },
      }),
    ];
  });
  return Object.fromEntries(guarded) as T;
}

/** Whether this process executes the tool; others are the client's or the provider's. */
function isExecuted(tool: unknown): tool is { readonly execute: Execute } {
  return typeof (tool as { execute?: unknown } | null | undefined)?.execute === "function";
}

/** Bound functions forget what they are, so this looks at the tool's own. */
function isGenerator(execute: Execute): boolean {
  return Object.prototype.toString.call(execute) === "[object AsyncGeneratorFunction]";
}
