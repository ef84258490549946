import type { CallRecord } from "../call/call-record.ts";
import { type LimitKind, PERIODS_MS } from "./limit.ts";

/**
 * What one kind of limit does with the numbers of one key: `width` of them, from `at` on. All are 0
 * for a key that is new. Instants are those of a monotonic clock. Classes, because a call goes
 * through several kinds, and functions that differ by object are not inlined.
 */
export interface LimitCounter {
  readonly width: 1 | 2;
  /** Whether a key that is in use may be forgotten when there is no room for another. */
  readonly forgets: boolean;
  /** Milliseconds until the next call fits: 0 now, infinite when waiting alone does not help. */
  waitMs(numbers: Float64Array, at: number, nowMs: number): number;
  /** Counts a call; returns what giving it back needs to know. */
  take(numbers: Float64Array, at: number, nowMs: number): number;
  /** Takes the end of a call into account; no record when a later step refused it. */
  end(numbers: Float64Array, at: number, taken: Taken, nowMs: number, record?: CallRecord): void;
  /** When the key is as good as new, if nothing more happens. */
  idleFromMs(numbers: Float64Array, at: number): number;
}

/** When a call was counted, and what giving it back needs to know. */
export interface Taken {
  readonly note: number;
  readonly atMs: number;
}

/** Makes the counter for a limit. */
export function createLimitCounter(what: LimitKind): LimitCounter {
  if (what.kind === "rate") {
    return new RateCounter(PERIODS_MS[what.period] / what.calls, what.burst);
  }
  if (what.kind === "concurrency") return new ConcurrencyCounter(what.most);
  return new CallCounter(what.most, what.ttlMs);
}

/**
 * The generic cell rate algorithm: one number a key, the instant at which all that was taken will
 * have drained. A call that is refused later gives back what has not drained of its part.
 * @see https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm (virtual scheduling)
 */
class RateCounter implements LimitCounter {
  readonly width = 1;
  readonly forgets = false;
  readonly #intervalMs: number;
  readonly #toleranceMs: number;

  constructor(intervalMs: number, burst: number) {
    // Sums of intervals are not exact; so little lets no call in before its millisecond.
    const roundingMs = Math.min(intervalMs / 1_000_000, 0.001);
    this.#intervalMs = intervalMs;
    this.#toleranceMs = (burst - 1) * intervalMs + roundingMs;
  }

  waitMs(numbers: Float64Array, at: number, nowMs: number): number {
    return Math.max(0, (numbers[at] as number) - this.#toleranceMs - nowMs);
  }
  take(numbers: Float64Array, at: number, nowMs: number): number {
    const drainedMs = Math.max(numbers[at] as number, nowMs) + this.#intervalMs;
    numbers[at] = drainedMs;
    return drainedMs;
  }
  end(
    numbers: Float64Array,
    at: number,
    { note }: Taken,
    nowMs: number,
    record?: CallRecord,
  ): void {
    if (record !== undefined || note <= nowMs) return;
    numbers[at] = (numbers[at] as number) - Math.min(this.#intervalMs, note - nowMs);
  }
  idleFromMs(numbers: Float64Array, at: number): number {
    return numbers[at] as number;
  }
}

/** Calls in flight. */
class ConcurrencyCounter implements LimitCounter {
  readonly width = 1;
  readonly forgets = false;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  waitMs(numbers: Float64Array, at: number): number {
    return (numbers[at] as number) < this.#most ? 0 : Number.POSITIVE_INFINITY;
  }
  take(numbers: Float64Array, at: number): number {
    numbers[at] = (numbers[at] as number) + 1;
    return 0;
  }
  end(numbers: Float64Array, at: number): void {
    numbers[at] = (numbers[at] as number) - 1;
  }
  idleFromMs(numbers: Float64Array, at: number): number {
    return (numbers[at] as number) > 0 ? Number.POSITIVE_INFINITY : 0;
  }
}

/** Calls of a session or task, and when the last of them was made. */
class CallCounter implements LimitCounter {
  readonly width = 2;
  readonly forgets = true;
  readonly #most: number;
  readonly #ttlMs: number;

  constructor(most: number, ttlMs: number) {
    this.#most = most;
    this.#ttlMs = ttlMs;
  }

  waitMs(numbers: Float64Array, at: number, nowMs: number): number {
    if ((numbers[at] as number) < this.#most) return 0;
    return Math.max(0, (numbers[at + 1] as number) + this.#ttlMs - nowMs);
  }
  take(numbers: Float64Array, at: number, nowMs: number): number {
    const lastMs = numbers[at + 1] as number;
    const isNew = nowMs - lastMs >= this.#ttlMs;
    numbers[at] = isNew ? 1 : (numbers[at] as number) + 1;
    numbers[at + 1] = lastMs < nowMs ? nowMs : lastMs * (1 + Number.EPSILON); // no two are the same
    return lastMs;
  }
  /** Gives a call back that was not sent, unless the session may have begun anew since. */
  end(numbers: Float64Array, at: number, taken: Taken, nowMs: number, record?: CallRecord): void {
    const isSent = record !== undefined && record.outcome !== "released";
    if (isSent || nowMs - taken.atMs >= this.#ttlMs) return;
    numbers[at] = Math.max(0, (numbers[at] as number) - 1);
    if (numbers[at + 1] === taken.atMs) numbers[at + 1] = taken.note; // nobody called since
  }
  idleFromMs(numbers: Float64Array, at: number): number {
    return (numbers[at + 1] as number) + this.#ttlMs;
  }
}
