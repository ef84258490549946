import type { Guard } from "@burnrate/core";
import { type GuardModelOptions, guardModel } from "./guard-model.ts";
import { isGuardable } from "./model-shape.ts";
import { noteRefusals } from "./refusal-note.ts";
import { read } from "./shape.ts";
import { messageUsage, withUsage } from "./to-outcome.ts";

/** A model call of an agent, as middleware sees it. */
export interface ModelCallRequest {
  readonly model: unknown;
  readonly runtime: unknown;
}

/**
 * Passes an agent's model on guarded. A refusal that a middleware between us and the model turned
 * into an answer is thrown all the same.
 * @throws {GuardError} when refused; nothing was sent.
 */
export async function callModel<R extends ModelCallRequest, T>(
  guard: Guard,
  request: R,
  handler: (request: R) => Promise<T> | T,
  options: GuardModelOptions,
): Promise<T> {
  const { model } = request;
  if (!isGuardable(model)) return callUnknown(guard, request, handler);
  const note = { refusal: undefined };
  const guarded = { ...request, model: guardModel(model, guard, options) };
  const answer = await noteRefusals(note, () => handler(guarded));
  if (note.refusal !== undefined) throw note.refusal;
  return answer;
}

/** A runnable that hides its model: its call is seen from outside only, under no model's price. */
function callUnknown<R extends ModelCallRequest, T>(
  guard: Guard,
  request: R,
  handler: (request: R) => Promise<T> | T,
): Promise<T> {
  const input = read(request, "messages");
  return guard.run({ kind: "model", name: "unknown", input, bound: "assumed" }, async () => {
    const value = await handler(request);
    return { value, ...withUsage(messageUsage(value), undefined) };
  });
}
