import { findGuardError, type Guard } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";
import type { ToolMessage } from "@langchain/core/messages";
import { ambientRun } from "./ambient-run.ts";
import { asAsked } from "./asked-tools.ts";
import { stateOf } from "./guard-state.ts";
import { isObject, read } from "./shape.ts";
import { toToolCall } from "./to-call.ts";
import { type AskedToolCall, isBubbleUp, toolErrorText } from "./to-error.ts";
import { settle, toToolResult } from "./to-outcome.ts";
import { isWrapped } from "./wrap-once.ts";

/** A tool call of an agent, as middleware sees it. */
export interface ToolCallRequest {
  readonly toolCall: AskedToolCall & { readonly args?: unknown };
  readonly tool?: unknown;
  readonly runtime: unknown;
}

/**
 * Runs a tool of an agent under the guard, unless a callback of the guard or the tool itself does.
 * @throws {GuardError} when refused, and the tool did not run, or when a kill cut it.
 */
export async function callTool<R extends ToolCallRequest, T>(
  guard: Guard,
  request: R,
  handler: (request: R) => Promise<T> | T,
): Promise<T> {
  const { tool } = request;
  const isGuarded = isObject(tool) && isWrapped(guard, tool);
  const { name, args } = request.toolCall;
  if (isGuarded || isSeenByCallback(guard, tool)) {
    return asAsked(name, tool, () => handler(request));
  }
  const permit = await guard.begin(toToolCall(name, args, read(request.runtime, "signal")));
  let output: T;
  try {
    permit.dispatched();
    output = await handler(request);
  } catch (error) {
    await permit.fail(error, isBubbleUp(error) ? { abandoned: true } : {});
    throw cutReason(permit) ?? error;
  }
  await settle(permit, toToolResult(output, permit.wantsOutput));
  return output;
}

/**
 * A callback of the same guard, on this run or on the tool itself, opens the tool call. Of what
 * `asTool` makes of a runnable, callbacks hear as of a chain.
 */
function isSeenByCallback(guard: Guard, tool: unknown): boolean {
  if (isObject(tool) && typeof read(tool, "_call") !== "function") return false;
  const { toolCallbacks } = stateOf(guard);
  const own = read(tool, "callbacks");
  const handlers = [...ambientRun().handlers, ...(Array.isArray(own) ? own : [])];
  return handlers.some((handler) => isObject(handler) && toolCallbacks.has(handler));
}

/** LangChain is loaded already where there is a tool error; our own entry does not load it. */
export async function toErrorMessage(error: unknown, call: AskedToolCall): Promise<ToolMessage> {
  const { ToolMessage } = await import("@langchain/core/messages");
  const refusal = findGuardError(error);
  return new ToolMessage({
    content: toolErrorText(error),
    tool_call_id: call.id ?? "",
    name: call.name,
    status: "error",
    ...(refusal === undefined ? {} : { artifact: refusal }),
  });
}
