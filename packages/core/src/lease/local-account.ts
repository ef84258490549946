import type { AccountRef } from "../ledger/ledger.ts";
import { accountId } from "../ledger/memory-account.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { Lease } from "./lease.ts";

/** Part of what is left that one lease may take at most. */
const SHARES = { calendar: 1 / 16, endless: 1 / 64, ephemeral: 1 / 4 } as const;
/** A lease is asked to last so long at the pace of the last one. */
const LASTS_MS = 2_000;
/** A shorter time says nothing about the pace. */
const MIN_PACE_MS = 100;
/** Without a pace, a lease is asked to last for so many calls. */
const LASTS_CALLS = 4;

/** An account as this process spends from it: the leases that it has, and the pace of spending. */
export class LocalAccount {
  readonly id: string;
  /** False once it is forgotten: whoever still points at it looks it up again. */
  isKept: boolean = true;
  /** As the store gets it: what a ledger remembers on `slot` is not sent. */
  ref: AccountRef;
  /** Open ones first come first spent; closed ones wait for calls in flight, or for a report. */
  readonly leases: Set<Lease> = new Set();
  /** The lease that is being asked for. */
  refilling: Promise<void> | undefined;
  /** Calls that wait for it. */
  waiting = 0;
  /** Until then each call asks the store itself, because little is left. */
  exactUntilMs: number = Number.NEGATIVE_INFINITY;
  /** Calls that were let through while the store was out. */
  allowed = 0;
  /** What the store said last that is spent. */
  heardSpent: number | undefined;
  /** What was reserved from leases since the pace was learned. */
  taken = 0;
  #takenSinceMs: number | undefined;
  #perMs = 0;

  constructor(ref: AccountRef) {
    this.id = accountId(ref);
    this.ref = withoutSlot(ref);
  }

  /** Takes a newer limit; leases of the older one are not spent any more. */
  update(ref: AccountRef): void {
    const { limit, limitVersion } = this.ref;
    if (ref.limitVersion === limitVersion && ref.limit === limit) return;
    if (ref.limitVersion < limitVersion) return; // of a call that waited meanwhile
    this.ref = withoutSlot(ref);
    for (const lease of this.leases) lease.close();
  }

  /** What calls in flight hold from leases. */
  get held(): number {
    let sum = 0;
    for (const lease of this.leases) sum += lease.held;
    return sum;
  }

  get isIdle(): boolean {
    const isAsked = this.refilling !== undefined || this.waiting > 0;
    return this.leases.size === 0 && !isAsked && this.allowed === 0;
  }

  get maxShare(): number {
    if (this.ref.ephemeral) return SHARES.ephemeral;
    const { window } = this.ref;
    const ends = window.kind === "fixed" && window.endsAtMs !== Number.POSITIVE_INFINITY;
    return ends ? SHARES.calendar : SHARES.endless;
  }

  /** How much to ask for, so that round trips are rare and little is stranded. */
  sizeFor(need: number): number {
    const calls = need * Math.max(LASTS_CALLS, 2 * this.waiting);
    const size = Math.ceil(Math.max(calls, this.#perMs * LASTS_MS));
    return Math.min(Number.MAX_SAFE_INTEGER, size);
  }

  /** Learns the pace; from too short a time only that it is faster. */
  learnPace(nowMs: number): void {
    this.#takenSinceMs ??= nowMs;
    const tookMs = nowMs - this.#takenSinceMs;
    const perMs = this.taken / Math.max(MIN_PACE_MS, tookMs);
    if (tookMs < MIN_PACE_MS) {
      this.#perMs = Math.max(this.#perMs, perMs);
      return;
    }
    this.#perMs = perMs;
    this.#takenSinceMs = nowMs;
    this.taken = 0;
  }
}
