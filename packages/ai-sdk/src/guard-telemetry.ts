import type { Guard } from "@burnrate/core";
import { checkCosts, checkOptions } from "./check-arguments.ts";
import { createModelHook } from "./model-hook.ts";
import { runRegistry } from "./run-registry.ts";
import { type ModelRequest, modelRequest } from "./telemetry-method.ts";
import { createToolHook } from "./tool-hook.ts";

/** Options of `guardTelemetry`. */
export interface GuardTelemetryOptions {
  /** Whose prices apply, when the models' own provider names do not say. */
  readonly provider?: string;
  /**
   * Flat price of one call in dollars, by tool; the same as given to `guardTools`, where both are
   * used.
   */
  readonly costs?: Readonly<Record<string, number>>;
}

/** What `ai` 7 hands to an integration around one request to a language model. */
type AroundModel<T> = Partial<ModelRequest> & { readonly execute: () => PromiseLike<T> };

/** What `ai` 7 hands to an integration around one call of a tool. */
interface AroundTool<T> {
  readonly toolCallId: string;
  readonly toolCall?: { readonly toolName: string; readonly input?: unknown };
  readonly execute: () => PromiseLike<T>;
}

/** An integration for `registerTelemetry` of `ai` 7. */
export interface GuardTelemetry {
  executeLanguageModelCall<T>(options: AroundModel<T>): Promise<T>;
  executeTool<T>(options: AroundTool<T>): Promise<T>;
  onStepFinish(): void;
}

/**
 * The guard as a telemetry integration: one line for every `generateText`, `streamText` and agent
 * of the process, models given as strings and all tools included. A convenience, not a fence: it
 * cannot limit output, change the model or stop a request in flight (a kill ends the wait for it,
 * and its stream); and `telemetry: { isEnabled: false }`, integrations of a call's own, objects,
 * embeddings, images and tools that another tool calls pass by. Where that matters, use `guardModel`
 * or `guardProvider`, and `guardTools`, too: a call is counted once.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * registerTelemetry(guardTelemetry(guard));
 */
export function guardTelemetry(guard: Guard, options: GuardTelemetryOptions = {}): GuardTelemetry {
  const { costs, ...others } = checkOptions("guardTelemetry", options, ["provider", "costs"]);
  const hook = createModelHook("guardTelemetry", guard, others);
  const prices = checkCosts("guardTelemetry.costs", costs, undefined);
  const guardTool = createToolHook(guard, runRegistry(guard), prices, "stacked");
  let isAsked = false;
  return {
    executeLanguageModelCall({ provider = "", modelId = "", ...request }) {
      isAsked = true;
      return hook.call({ provider, modelId }, request, modelRequest) as Promise<never>;
    },
    async executeTool({ toolCallId, toolCall, execute }) {
      if (toolCall === undefined) return await execute();
      const run = guardTool(toolCall.toolName, execute, false);
      return (await run(toolCall.input, { toolCallId })) as never;
    },
    onStepFinish() {
      if (!isAsked) warnOnce();
    },
  };
}

let warned = false;

/** `ai` 6 takes integrations and asks them nothing before a request. */
function warnOnce(): void {
  if (warned) return;
  warned = true;
  process.emitWarning(
    "This version of ai sends requests without asking guardTelemetry(), so nothing is guarded by it. Use guardModel() or guardProvider(), or ai 7.",
    { type: "BurnrateWarning", code: "ai-sdk-telemetry" },
  );
}
