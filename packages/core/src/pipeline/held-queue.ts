import type { CancelTimer, Clock } from "../ports/clock.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { Refusal } from "./refusal.ts";

const MAX_WAITING = 1_000;
const MAX_WAIT_MS = 30_000;
const MAX_AT_ONCE = 64;

/** What is in a call's way: so much of one account, its pace, or something else. */
export interface Held {
  readonly held: true;
  /** Id of the account. */
  readonly key?: string | undefined;
  /** Undefined where it is the pace. */
  readonly requested?: number;
  /** When the account's window ends, and nothing of it is in the way any more. */
  readonly resetsInMs?: number | undefined;
}

/** Tries again: `held` while only what may come back is in the way. */
export type HeldAttempt = () => MaybePromise<"admitted" | Held | Refusal>;

interface Waiter {
  /** Grows with each that comes. */
  readonly turn: number;
  readonly attempt: HeldAttempt;
  /** What was in its way the last time. */
  held: Held;
  /** Looks again when the window of that ends. */
  cancelReset: CancelTimer | undefined;
  readonly finish: (result: Refusal | undefined) => void;
  readonly fail: (reason: unknown) => void;
}

/** Who waits for anything else than an account. */
const OTHERS = undefined;

/**
 * Calls that wait because money is held, not spent. Whenever some comes back those whose account it
 * is try again, first in first out; one that does not fit lets those behind it try, so that a big
 * one starves nobody.
 */
export class HeldQueue {
  readonly #waiting = new Set<Waiter>();
  /** The same by what is in their way: the end of a call is none of the others' business. */
  readonly #behind = new Map<string | undefined, Set<Waiter>>();
  /** Of what came back since the last look. */
  readonly #freed = new Set<string | undefined>();
  readonly #clock: Clock;
  #turns = 0;
  #closed = false;
  #draining = false;
  /** All are to look again. */
  #again = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether another call may wait. */
  get hasRoom(): boolean {
    return !this.#closed && this.#waiting.size < MAX_WAITING;
  }

  /** Refuses those who wait, and lets nobody wait any more. */
  close(refusal: Refusal): void {
    this.#closed = true;
    for (const waiter of this.#waiting) waiter.finish(refusal);
  }

  /** Waits until an attempt is decided, or `onTimeout` is due; rejects with the signal's reason. */
  wait(
    attempt: HeldAttempt,
    held: Held,
    signal: AbortSignal | undefined,
    onTimeout: () => Refusal,
    maxWaitMs: number = MAX_WAIT_MS,
  ): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      let cancelTimeout: CancelTimer | undefined;
      const leave = (): void => {
        this.#waiting.delete(waiter);
        this.#standAside(waiter);
        cancelTimeout?.();
        waiter.cancelReset?.();
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        turn: this.#turns++,
        attempt,
        held,
        cancelReset: undefined,
        finish: (result) => {
          leave();
          resolve(result);
        },
        fail: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = (): void => waiter.fail(signal?.reason);
      if (signal?.aborted === true) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      cancelTimeout = this.#clock.setTimer(() => waiter.finish(onTimeout()), maxWaitMs);
      this.#waiting.add(waiter);
      this.#waitFor(waiter, held);
    });
  }

  /** Notes what is in its way now. */
  #waitFor(waiter: Waiter, held: Held): void {
    this.#standAside(waiter);
    waiter.held = held;
    waiter.cancelReset?.();
    waiter.cancelReset = undefined;
    if (!this.#waiting.has(waiter)) return;
    const { key, resetsInMs } = held;
    const others = this.#behind.get(key);
    if (others === undefined) this.#behind.set(key, new Set([waiter]));
    else others.add(waiter);
    if (resetsInMs === undefined || resetsInMs >= MAX_WAIT_MS) return;
    waiter.cancelReset = this.#clock.setTimer(() => this.changed(), resetsInMs);
  }

  #standAside(waiter: Waiter): void {
    const { key } = waiter.held;
    const others = this.#behind.get(key);
    others?.delete(waiter);
    if (others?.size === 0) this.#behind.delete(key);
  }

  /** A kill changed, a limit, or who knows what: let all who wait look again. */
  changed(): void {
    if (this.#waiting.size === 0) return;
    this.#again = true;
    if (!this.#draining) void this.#drain();
  }

  /** Something of these accounts came back, or a turn: let those look again who wait for that. */
  freed(accounts: readonly { readonly id: string }[]): void {
    if (this.#waiting.size === 0) return;
    for (const { id } of accounts) this.#free(id);
    this.#free(OTHERS);
    if (this.#freed.size > 0 && !this.#draining) void this.#drain();
  }

  /** Of who looks just now nobody knows what will be in the way then. */
  #free(key: string | undefined): void {
    if (this.#draining || this.#behind.has(key)) this.#freed.add(key);
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#again || this.#freed.size > 0) await this.#tryAll(this.#due());
    this.#draining = false;
  }

  /** Who is to look again, in order. */
  #due(): readonly Waiter[] {
    const due = this.#again
      ? [...this.#waiting]
      : [...this.#freed].flatMap((key) => [...(this.#behind.get(key) ?? [])]);
    this.#again = false;
    this.#freed.clear();
    return due.sort((a, b) => a.turn - b.turn);
  }

  /**
   * In order. Where a store is asked, more and more at a time go out in one round trip, and one by
   * one again after one that did not fit: who wants as much of the same account need not ask then.
   */
  async #tryAll(waiters: readonly Waiter[]): Promise<void> {
    const refused = new Map<string, number>();
    let atOnce = 1;
    let asked: Promise<boolean>[] = [];
    for (const waiter of waiters) {
      if (!this.#waiting.has(waiter)) continue;
      const { key, requested = 0 } = waiter.held;
      if (key !== undefined && requested >= (refused.get(key) ?? Number.POSITIVE_INFINITY))
        continue;
      const trying = this.#try(waiter, refused);
      if (isPromise(trying)) asked.push(trying);
      if (asked.length < atOnce) continue;
      const allWent = (await Promise.all(asked)).every((went) => went);
      atOnce = allWent ? Math.min(2 * atOnce, MAX_AT_ONCE) : 1;
      asked = [];
    }
    await Promise.all(asked);
  }

  /** Whether it need not wait any more. */
  #try(waiter: Waiter, refused: Map<string, number>): MaybePromise<boolean> {
    const decide = (result: Awaited<ReturnType<HeldAttempt>>): boolean => {
      if (result === "admitted") waiter.finish(undefined);
      else if (!("held" in result)) waiter.finish(result);
      else {
        this.#waitFor(waiter, result);
        noteRefused(refused, result);
        return false;
      }
      return true;
    };
    const fail = (error: unknown): boolean => {
      waiter.fail(error);
      return true;
    };
    try {
      const attempt = waiter.attempt();
      return isPromise(attempt) ? attempt.then(decide).catch(fail) : decide(attempt);
    } catch (error) {
      return fail(error);
    }
  }
}

/** The least that an account had no room for. */
function noteRefused(refused: Map<string, number>, { key, requested }: Held): void {
  if (key === undefined || requested === undefined) return;
  refused.set(key, Math.min(requested, refused.get(key) ?? Number.POSITIVE_INFINITY));
}
