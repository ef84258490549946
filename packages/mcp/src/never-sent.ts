/**
 * Refusals of calls of which nothing was sent, and results that stand for one. A guard around the
 * guard that refused must know, or it would charge a tool that never ran.
 */
const neverSent = new WeakSet<object>();

/** Remembers a refusal, or the result that stands for it; gives it back. */
export function noteNeverSent<T>(refusal: T): T {
  if (isObjectLike(refusal)) neverSent.add(refusal);
  return refusal;
}

/** Whether an error or a result is such a refusal. */
export function isNeverSent(value: unknown): boolean {
  return isObjectLike(value) && neverSent.has(value);
}

function isObjectLike(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
