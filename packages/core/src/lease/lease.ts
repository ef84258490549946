import { REPLAY_REVISION } from "../journal/journal-state.ts";
import type { LeaseReturn, LeaseReturnResult } from "../ledger/ledger.ts";
import type { LocalAccount } from "./local-account.ts";
import type { Moment } from "./store-time.ts";

/** What the store was told of a lease last, and acknowledged. */
interface Acknowledged {
  readonly settled: number;
  readonly unknown: number;
  readonly kept: number;
}

/** So long others may take to remove notes that they have told of. */
const DOUBT_MS = 2_000;
const NOTHING: Acknowledged = { settled: 0, unknown: 0, kept: 0 };

/**
 * A slice of an account that this process spends without asking. It counts what was spent since the
 * grant; the store is told totals, so that a lost or repeated message does no harm.
 */
export class Lease {
  readonly id: string;
  readonly account: LocalAccount;
  /** How much of it is left to this process: what was granted, less what went back. */
  amount: number;
  held = 0;
  settled = 0;
  unknown = 0;
  deadline: Moment;
  /** Whether new calls may spend from it. */
  open = true;
  /** Whether anything was spent from it since the last report. */
  used = true;
  /** Reports in a row since it was used last. */
  idleReports = 0;
  /** The store does not know it any more: what it was not told is charged without a lease. */
  lost = false;
  #revision = 0;
  /** Others took this process for dead: nothing is kept for it any more. */
  #isTaken = false;
  /** It had not expired when the store first said that it does not know it. */
  #wasLostEarly = false;
  /** Since when the store has not taken what counts after others' reports. */
  #doubtedMs: number | undefined;
  #acknowledged: Acknowledged;
  /** The newest report, unless it failed. */
  #told: Acknowledged | undefined;
  /** The first report that ended it, whether its answer reached us or not. */
  #final: { readonly revision: number; readonly settled: number } | undefined;

  constructor(id: string, account: LocalAccount, granted: number, deadline: Moment) {
    this.id = id;
    this.account = account;
    this.amount = granted;
    this.deadline = deadline;
    this.#acknowledged = { settled: 0, unknown: 0, kept: granted };
  }

  get free(): number {
    return this.amount - this.held - this.settled - this.unknown;
  }

  /**
   * Whether the store counts it otherwise than it is, or holds more for it than calls in flight
   * need.
   */
  get hasNews(): boolean {
    return this.#differsFrom(this.#acknowledged);
  }

  /** The same, beside what it was told last: its answer may still be on the way. */
  get hasUntold(): boolean {
    return this.#differsFrom(this.#told ?? this.#acknowledged);
  }

  /** Nothing in flight refers to it, and nothing is left that the store must hear. */
  get isDone(): boolean {
    return !this.open && this.held === 0 && this.unknown === 0 && !this.hasNews;
  }

  /** What was spent and not yet acknowledged. */
  get unreported(): number {
    const { settled, unknown } = this.#acknowledged;
    return Math.max(0, this.settled + this.unknown - settled - unknown);
  }

  /**
   * What was spent beyond what the store charges by itself when it never hears of the lease again.
   */
  get uncovered(): number {
    const { settled, unknown, kept } = this.#acknowledged;
    return Math.max(0, this.settled + this.unknown - settled - unknown - kept);
  }

  /** Takes free money back from calls to come, so that the next report returns it. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.amount -= Math.max(0, this.free);
  }

  /** The next report; `ttlMs` prolongs what is kept. */
  report(atMs: number, ttlMs: number): LeaseReturn {
    this.idleReports = this.used ? 0 : this.idleReports + 1;
    this.used = false;
    const { settled } = this;
    const unknown = this.#unknownToStore;
    const kept = this.#isTaken ? 0 : this.held + (this.open ? Math.max(0, this.free) : 0);
    this.#revision++;
    this.#told = { settled, unknown, kept };
    if (kept === 0 && unknown === 0) this.#final ??= { revision: this.#revision, settled };
    return { id: this.id, revision: this.#revision, settled, unknown, kept, atMs, ttlMs };
  }

  /**
   * A report was not applied: others may have told the store of the lease in our place. The next one
   * counts after theirs, and says what calls in flight hold as unknown, as they did. False when that
   * was not applied either.
   */
  outrank({ revision }: LeaseReturn, wasOver: boolean): boolean {
    if (revision > REPLAY_REVISION) return false;
    if (this.#final?.revision === revision) this.#final = undefined;
    if (this.#isTaken) return true;
    this.close();
    this.#isTaken = true;
    this.#wasLostEarly = !wasOver;
    this.#revision = REPLAY_REVISION;
    return true;
  }

  /**
   * A report that outranks others' was not applied either. Where the lease had expired they may have
   * ended it, and be about to take our notes away: a later report tells. False once they had time.
   */
  doubt({ revision }: LeaseReturn, nowMs: number): boolean {
    this.#doubtedMs ??= nowMs;
    if (this.#wasLostEarly || nowMs - this.#doubtedMs >= DOUBT_MS) return false;
    if (this.#final?.revision === revision) this.#final = undefined;
    this.notTold();
    return true;
  }

  /** A report failed, or its answer got lost: it may have arrived. */
  notTold(): void {
    this.#told = undefined;
  }

  /** What a report says was spent beyond what the store has acknowledged. */
  newIn({ settled, unknown }: LeaseReturn): number {
    return settled + unknown - this.#acknowledged.settled - this.#acknowledged.unknown;
  }

  /** The store answered a report. */
  acknowledge(told: LeaseReturn, result: LeaseReturnResult): void {
    if (!result.applied) return;
    this.#acknowledged = told;
    this.#wasLostEarly = false;
    this.#doubtedMs = undefined;
  }

  /** Says that everything so far is accounted for, by a charge without a lease. */
  charged(settled: number, unknown: number): void {
    this.#acknowledged = { settled, unknown, kept: 0 };
  }

  /**
   * The store does not know it any more. One that had not expired was lost with everything that was
   * reported of it, as a server loses its last second; of another only what was not reported is.
   * One that we have ended ourselves is over, though its answer may not have reached us: gives what
   * the store has counted of it since it was heard of last. One that expired may have been ended by
   * others, who took this process for dead: they told of what was `taken`.
   */
  lose({ revision }: LeaseReturn, wasOver: boolean, taken: number | undefined): number {
    this.close();
    this.lost = true;
    this.#isTaken = false;
    const endedBy = this.#final?.revision ?? revision;
    // Notes that are still there were told by nobody: what outranks them was refused, too.
    const wasEnded = endedBy < revision && (endedBy <= REPLAY_REVISION || taken !== undefined);
    const counted = wasEnded
      ? { ...NOTHING, ...this.#final }
      : wasOver && !this.#wasLostEarly
        ? { ...this.#acknowledged, settled: Math.max(this.#acknowledged.settled, taken ?? 0) }
        : NOTHING;
    const { settled, unknown } = counted;
    const { settled: heardSettled, unknown: heardUnknown } = this.#acknowledged;
    this.#acknowledged = { settled, unknown, kept: 0 };
    return wasEnded ? settled + unknown - heardSettled - heardUnknown : 0;
  }

  get #unknownToStore(): number {
    return this.#isTaken ? this.unknown + this.held : this.unknown;
  }

  #differsFrom({ settled, unknown, kept }: Acknowledged): boolean {
    return kept > this.held || settled !== this.settled || unknown !== this.#unknownToStore;
  }
}
