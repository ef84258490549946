import { isGuardError } from "@burnrate/core";
import type { ModelIdentity } from "./sdk-types.ts";

/** What hooks of several guards know of each other's models and refusals. */

/** Guarded models, and whose prices apply where their hook was told. */
const guarded = new WeakMap<object, string | undefined>();
const neverSent = new WeakSet<object>();

/** Remembers what a hook made. */
export function markGuarded(model: object, billedBy: string | undefined): void {
  guarded.set(model, billedBy);
}

/** Whose prices apply to a model. */
export function providerOf(model: ModelIdentity): string {
  return guarded.get(model) ?? model.provider;
}

/** Remembers a refusal of a request of which nothing was sent. */
export function noteNeverSent(error: unknown): void {
  if (isGuardError(error)) neverSent.add(error);
}

/** Whether an error is such a refusal. */
export function isNeverSent(error: unknown): boolean {
  return typeof error === "object" && error !== null && neverSent.has(error);
}

/** Status of an answer that costs nothing. */
const NEVER_RUN = 400;

/** What a guard is told of a tool that did not run, because another guard inside refused it. */
export function refusedInside(refusal: unknown): Error {
  return Object.assign(new Error("Another guard refused the call.", { cause: refusal }), {
    status: NEVER_RUN,
  });
}

/**
 * What a request has used that ended with an error: nothing, when it went straight to a model of
 * another guard, which refused it.
 */
export function usedBy(model: object | undefined, error: unknown): object {
  if (!isNeverSent(error) || model === undefined || !guarded.has(model)) return {};
  return { usage: { inputTokens: 0, outputTokens: 0 } };
}
