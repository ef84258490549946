import { isGuardError } from "@burnrate/core";

/**
 * Refusals of calls of which nothing was sent. A guard around the guard that refused must know, or
 * it would charge its whole reservation for a request that never was.
 */
const refusals = new WeakSet<object>();

/** Remembers that nothing was sent of the call that a refusal ends. */
export function noteNeverSent(error: unknown): void {
  if (isGuardError(error)) refusals.add(error);
}

/** Whether an error is the refusal of a call of which nothing was sent. */
export function isNeverSent(error: unknown): boolean {
  return typeof error === "object" && error !== null && refusals.has(error);
}

/** What such a call has used. */
export const NOTHING_SENT = { usage: { inputTokens: 0, outputTokens: 0 } } as const;
