import { envelopeOf } from "./mcp-transport.ts";
import { isObject, read } from "./shape.ts";

/**
 * Whether the server wants more input before it goes on with a call. In the legacy protocol the
 * word means nothing: clients take such an answer as the tool's result.
 */
export function needsInput(params: unknown, result: unknown): boolean {
  return read(result, "resultType") === "input_required" && envelopeOf(params) !== undefined;
}

/** The task that the server made of a call that asked for one. */
export function createdTask(result: unknown): string | undefined {
  const taskId = read(read(result, "task"), "taskId");
  return typeof taskId === "string" ? taskId : undefined;
}

/** Whether parameters, or request options of generation 1, ask that a call becomes a task. */
export function asksForTask(given: unknown): boolean {
  return isObject(read(given, "task"));
}

/**
 * By what a call that waits for input is known again: its tool, its arguments and the server's own
 * note. Other arguments are another call, which the guard has not seen.
 */
export function roundKey(params: unknown, requestState: unknown): string {
  const note = typeof requestState === "string" ? requestState : null;
  return JSON.stringify([read(params, "name"), note, read(params, "arguments")]);
}

/** Whether a request answers what a server asked for, and so goes on with a call. */
export function isNextRound(params: unknown): boolean {
  return read(params, "inputResponses") !== undefined || read(params, "requestState") !== undefined;
}
