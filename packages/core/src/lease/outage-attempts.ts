import type { Reservation, Settlement } from "../ledger/ledger.ts";

/** Charged calls of which another attempt may come; beyond, the oldest are forgotten. */
const MAX_CHARGED = 10_000;

/**
 * Attempts of calls that were let through while the store was down. It has never heard of them, so
 * that it is known here alone which of them share what is held, and which call was charged.
 */
export class OutageAttempts {
  /** Calls that hold something, and how many attempts have not given it back. */
  readonly #running = new Map<string, number>();
  /** Ids of those that were charged, the oldest first. */
  readonly #charged = new Set<string>();

  /** The first attempt of a call was let through. */
  begin({ id }: Reservation): void {
    this.#running.set(id, 1);
  }

  /** Whether a request is another attempt of a call that was; it shares what is held. */
  join({ id }: Reservation): boolean {
    const attempts = this.#running.get(id);
    if (attempts === undefined) return this.#charged.has(id);
    this.#running.set(id, attempts + 1);
    return true;
  }

  /** One attempt gives its share back; whether others still hold theirs. */
  leave(id: string): boolean {
    const others = (this.#running.get(id) ?? 1) - 1;
    if (others > 0) this.#running.set(id, others);
    return others > 0;
  }

  /** Nothing is held for the call any more. What was released may be held anew. */
  end({ id, as }: Settlement): void {
    if (this.#running.size === 0 || !this.#running.delete(id) || as !== "settled") return;
    this.#charged.add(id);
    const [oldest] = this.#charged;
    if (this.#charged.size > MAX_CHARGED) this.#charged.delete(oldest as string);
  }

  wasCharged(id: string): boolean {
    return this.#charged.has(id);
  }
}
