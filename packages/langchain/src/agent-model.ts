import type { Guard } from "@burnrate/core";
import { withNote } from "@burnrate/core/adapter";
import type { AgentRun } from "./agent-run.ts";
import { listenHere } from "./ambient-run.ts";
import type { GuardCallback } from "./callback-handler.ts";
import { guardCallback } from "./guard-callback.ts";
import { type GuardModelOptions, guardModel } from "./guard-model.ts";
import { stateOf } from "./guard-state.ts";
import { isGuardable } from "./model-shape.ts";
import type { RefusalNote } from "./refusal-note.ts";
import { isObject, read } from "./shape.ts";
import { messageUsage, withUsage } from "./to-outcome.ts";

/** A model call of an agent, as middleware sees it. */
export interface ModelCallRequest {
  readonly model: unknown;
  readonly runtime: unknown;
}

/** Guards the models of agents: one wrapper for each, found without asking what it is. */
export type GuardAgentModel = (model: unknown) => object | undefined;

/** Makes such a function; it gives undefined for what cannot be guarded. */
export function agentModels(guard: Guard, options: GuardModelOptions): GuardAgentModel {
  const known = new WeakMap<object, object>();
  return (model) => {
    const found = isObject(model) ? known.get(model) : undefined;
    if (found !== undefined || !isGuardable(model)) return found;
    const made = guardModel(model, guard, options);
    known.set(model, made);
    return made;
  };
}

/**
 * Passes an agent's model on guarded. Where a middleware between us and the model calls another one
 * in its place, a callback of the guard sees that. The note tells of a refusal that a middleware
 * between us and the model turned into an answer.
 * @throws {GuardError} when refused; nothing was sent.
 */
export function callModel<R extends ModelCallRequest, T>(
  guard: Guard,
  run: AgentRun,
  note: RefusalNote,
  request: R,
  handler: (request: R) => Promise<T> | T,
  guardAgentModel: GuardAgentModel,
): Promise<T> | T {
  const model = guardAgentModel(request.model);
  if (model === undefined) return run.run(() => callUnknown(guard, request, handler));
  listenForOthers(guard);
  const guarded = { ...request, model };
  return withNote(run.openTask(), note, () => handler(guarded));
}

const listeners = new WeakMap<Guard, GuardCallback>();

/** Models that are not guarded themselves are a callback's to open. */
function listenForOthers(guard: Guard): void {
  let listener = listeners.get(guard);
  if (listener === undefined) {
    listener = guardCallback(guard, { tools: false });
    listeners.set(guard, listener);
  }
  const { callbacks } = stateOf(guard);
  listenHere(listener, (handler) => callbacks.has(handler));
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
