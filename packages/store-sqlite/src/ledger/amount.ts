/** Largest exact sum; a balance saturates there instead of losing precision. */
export const MAX: number = Number.MAX_SAFE_INTEGER;

/**
 * Whether the ledger may count with it: whole, 0 or more, exact. Everything else is taken for the
 * most that it can be: a reservation of it is refused, a settlement of it charges all that was
 * reserved.
 */
export function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An instant that a 64-bit column takes: what is no number, or beyond, is never. */
export function toInstant(ms: number): number {
  if (!Number.isFinite(ms)) return ms === Number.NEGATIVE_INFINITY ? -MAX : MAX;
  return Math.max(-MAX, Math.min(MAX, Math.floor(ms)));
}

/** Longer than any process lives, and exact when it is added to the time: about 142,000 years. */
const LONGEST_MS = 2 ** 52;

/** A duration that can be added to an instant: what is no number is the longest. */
export function toDuration(ms: number): number {
  return Number.isNaN(ms) ? LONGEST_MS : Math.max(0, Math.min(LONGEST_MS, Math.floor(ms)));
}
