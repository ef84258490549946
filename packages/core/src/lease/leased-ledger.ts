import { CrashJournal, type JournalOptions } from "../journal/crash-journal.ts";
import type {
  AccountRef,
  Balance,
  LateCharge,
  LateChargeResult,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "../ledger/ledger.ts";
import { DUPLICATE, RESERVED } from "../ledger/reserve-results.ts";
import { shareLedger } from "../ledger/share-ledger.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { createIds } from "../ports/ids.ts";
import { inTime, LATE } from "../ports/in-time.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import { beforeExit } from "./before-exit.ts";
import { ExactReservations } from "./exact-reservations.ts";
import { fetchLeases } from "./fetch-leases.ts";
import type { Lease } from "./lease.ts";
import { LeaseRefill } from "./lease-refill.ts";
import { LeaseReports } from "./lease-reports.ts";
import { LocalAccounts } from "./local-accounts.ts";
import { LocalHolds } from "./local-holds.ts";
import { OutageRules } from "./outage-rules.ts";
import { PendingWrites } from "./pending-writes.ts";
import { closedGuard, notOpened } from "./store-errors.ts";
import { StoreLink } from "./store-link.ts";
import { StoreTime } from "./store-time.ts";
import { type OnSpent, ToldSpending } from "./told-spending.ts";

/** What a leasing ledger needs, and who hears of what it learns. */
export interface LeasedLedgerOptions {
  /** The store's own ledger. */
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** The newest line of the kill log that the store knows, with each of its answers. */
  readonly onKillEpoch: (epoch: number) => void;
  /** A report changed what is spent; exact settlements tell it in their own reply. */
  readonly onSpent: OnSpent;
  /** Money may have come back: calls that wait should try again. */
  readonly onChange: () => void;
  /** Where what is spent from leases is noted, so that a crash is exact. */
  readonly journal?: JournalOptions | undefined;
}

/** A ledger that spends from leases. Durable, and synchronous for most calls. */
export interface LeasedLedger extends Ledger {
  /** Decides windows: the store's clock, or the machine's where the store has none of its own. */
  nowMs(): number;
  /** Ends and charges that the store did not take, and that found no room or no time to wait. */
  readonly dropped: number;
  /**
   * Tells the store everything, and closes it.
   * @throws {StoreUnavailableError} `BR8001` when the store did not take all that was spent: how
   *   much of which accounts stands in its message and in `details.lost`.
   */
  close(): MaybePromise<void>;
}

/** How often the store is told what was spent, and asked whether it is back. */
const REPORT_EVERY_MS = 250;
const MAX_TRIES = 3;
/** A store that has not opened by then counts as down, and is asked again by the next call. */
const OPEN_MS = 15_000;
/** A store that has not closed by then is left to itself. */
const CLOSE_MS = 10_000;
/** What a store counts as spent without a lease is remembered, so that it is counted once. */
const REMEMBER_MS = 3_600_000;

const ENDED: SettleResult = Object.freeze({ applied: true, balances: [], spentBefore: [] });
const NOT_ENDED: SettleResult = Object.freeze({ applied: false, balances: [], spentBefore: [] });

/**
 * Spends slices of a durable ledger in memory (escrow): a call costs microseconds, the store a
 * round trip in thousands of calls. Near a limit, where a slice is too small to be worth it, each
 * call asks the store itself, so that little is stranded and nothing overshoots. A reservation is
 * wholly leased or wholly exact. One file: it is the ledger port, and each method a few lines.
 *
 * @see P. E. O'Neil, "The Escrow Transactional Method", ACM TODS 11(4), 1986
 */
export function createLeasedLedger(options: LeasedLedgerOptions): LeasedLedger {
  const { ledger, clock } = options;
  const ids = createIds();
  const time = new StoreTime(clock, ledger.windows);
  const link = new StoreLink(clock, time, options.onKillEpoch);
  const accounts = new LocalAccounts();
  const told = new ToldSpending(accounts, ledger, link, options.onSpent);
  const onSpent: OnSpent = (account, before, balance) => told.tell(account, before, balance);
  const journal = new CrashJournal(options.journal, { ledger, link, clock, onSpent, nowMs });
  const { notes } = journal;
  const pending = new PendingWrites(told, notes);
  const holds = new LocalHolds(accounts, time, chargeUnbacked, notes);
  const refill = new LeaseRefill(ledger, link, time, clock, ids, notes);
  const listeners = { told, chargeUnbacked };
  const exact = new ExactReservations(ledger, link, pending, clock, listeners, notes, nowMs);
  const outage = new OutageRules(accounts, holds, exact, link);
  const reports = new LeaseReports(accounts, ledger, link, time, listeners, notes);
  /** What is to be done at the end, once the ledger was opened. */
  let closeLedger: (() => MaybePromise<void>) | undefined;
  let stopWaitingForExit: (() => void) | undefined;
  /** Reservations that ask the store, or wait for a lease. */
  const reserving = new Set<Promise<unknown>>();
  let cancelTimer: CancelTimer | undefined;
  let cancelNoting: CancelTimer | undefined;
  let closed = false;

  function nowMs(): number {
    return time.nowMs();
  }

  function chargeUnbacked(account: AccountRef, amount: number, atMs: number): void {
    if (amount === 0) return;
    pending.addCharge({
      id: ids.next(),
      account: withoutSlot(account),
      amount,
      atMs,
      rememberMs: REMEMBER_MS,
    });
    keepTelling();
  }

  /** While anything of ours is out, the store hears from us. */
  function keepTelling(): void {
    keepNoting();
    if (closed || cancelTimer !== undefined) return;
    cancelTimer = clock.setTimer(() => void tell(), REPORT_EVERY_MS, "background");
  }

  /** Others take silence for a crash, so that no answer of the store is waited for. */
  function keepNoting(): void {
    if (closed || cancelNoting !== undefined || !notes.isKept) return;
    const look = (): void => {
      cancelNoting = undefined;
      notes.look();
      if (!notes.isEmpty) keepNoting();
    };
    cancelNoting = clock.setTimer(look, REPORT_EVERY_MS, "background");
  }

  async function tell(): Promise<void> {
    if (!link.down || (await isBack())) {
      await reports.reportAll();
      await pending.flush(ledger, link);
      outage.end(pending.isEmpty);
      await told.catchUp(time.nowMs());
      await exact.prolong();
      if (accounts.size === 0 && exact.size > 0) await isBack();
      accounts.dropIdle(clock.monotonicMs());
    }
    cancelTimer = undefined;
    if (!link.down) options.onChange(); // calls that try again have us look once more
    const isQuiet = accounts.size === 0 && exact.size === 0 && pending.isEmpty && told.isUpToDate;
    if (!isQuiet || link.down) keepTelling();
  }

  async function isBack(): Promise<boolean> {
    try {
      await link.ask(() => ledger.balances([]));
    } catch {
      return false;
    }
    return true;
  }

  const reply = <T>(results: readonly T[]): LedgerReply<T> => ({
    killEpoch: link.killEpoch,
    results,
  });

  function reserveLocally(request: Reservation): ReserveResult | undefined {
    if (link.down || request.once === true) return undefined;
    if (holds.has(request.id) || exact.has(request.id)) return DUPLICATE;
    if (!holds.take(request, never)) return undefined;
    for (let i = 0; i < request.accounts.length; i++) {
      prefetch(request.accounts[i] as AccountRef, request.amounts[i] as number);
    }
    return RESERVED;
  }

  /** Asks for the next lease while half of the newest is still there. */
  function prefetch(ref: AccountRef, need: number): void {
    const account = accounts.find(ref);
    if (account === undefined || closed) return;
    let free = 0;
    let newest = 0;
    for (const lease of account.leases) {
      if (!lease.open) continue;
      free += lease.free;
      newest = lease.amount;
    }
    if (free < newest / 2) refill.prefetch(account, need);
  }

  async function reserveSlowly(request: Reservation): Promise<ReserveResult> {
    keepTelling();
    if (holds.isKnown(request)) return DUPLICATE; // let through while the store was out
    const held = request.once === true ? undefined : await reserveFromLeases(request);
    if (held !== undefined) return held;
    if (closed) throw closedGuard(); // nobody would tell the store how it ends
    if (!(await isReachable())) return outage.reserve(request);
    void reports.giveBack(withNews(request.accounts));
    const result = await exact.reserve(request).catch((error: unknown) => {
      keepTelling(); // what the store may hold of it must go back, though all else is quiet by now
      throw error;
    });
    if (closed) await giveBackReserved(request, result);
    return result;
  }

  /** While the guard closes: whoever asked could not tell the store any more that it is refused. */
  async function giveBackReserved(
    { id, once }: Reservation,
    { kind }: ReserveResult,
  ): Promise<void> {
    if (kind === "reserved" || (kind === "duplicate" && once === true)) {
      const release: Settlement = { id, as: "released", amounts: [], ...(once && { once }) };
      if (once === true) await exact.settleOnce(release);
      else exact.settle(release);
    }
    throw closedGuard();
  }

  /** Of a reservation that is made once the store must know. */
  async function reserveFromLeases(request: Reservation): Promise<ReserveResult | undefined> {
    for (let tries = 0; tries < MAX_TRIES && !closed && (await isReachable()); tries++) {
      const held = reserveLocally(request);
      if (held !== undefined) return held;
      if (!(await fetchLeases(request, accounts, refill))) break;
    }
    return undefined;
  }

  async function isReachable(): Promise<boolean> {
    return !link.down || (link.mayProbe && (await isBack()));
  }

  /** Our leases of some accounts of which the store was not told the newest. */
  function withNews(refs: readonly AccountRef[]): readonly Lease[] {
    const leases = refs.flatMap((ref) => [...(accounts.find(ref)?.leases ?? [])]);
    return leases.filter((lease) => lease.hasUntold);
  }

  function settle(end: Settlement): SettleResult {
    if (holds.has(end.id)) return holds.end(end) ? ENDED : NOT_ENDED;
    if (!exact.has(end.id)) return NOT_ENDED;
    exact.settle(end);
    return ENDED;
  }

  async function settleOnce(end: Settlement): Promise<LedgerReply<SettleResult>> {
    if (holds.isOnlyHere(end.id)) return reply([settle(end)]); // the store has never heard of it
    if (exact.wasCharged(end.id)) return reply([NOT_ENDED]);
    try {
      return reply([await exact.settleOnce(end)]);
    } catch (error) {
      keepTelling();
      throw error;
    }
  }

  /** What the store does not take waits for it, and is charged once. */
  async function charge(batch: readonly LateCharge[]): Promise<LedgerReply<LateChargeResult>> {
    const charges = batch.map(plain);
    for (const one of charges) notes.charged(one);
    try {
      const { reply: answer } = await link.ask(() => ledger.charge(charges));
      for (const { id } of charges) notes.known(id);
      return answer;
    } catch (error) {
      for (const waiting of charges) pending.addCharge(waiting);
      keepTelling();
      throw error;
    }
  }

  async function balances(
    refs: readonly AccountRef[],
    atMs: number | undefined,
  ): Promise<LedgerReply<Balance>> {
    await Promise.allSettled(refs.map((ref) => accounts.find(ref)?.refilling));
    void reports.giveBack(withNews(refs));
    const asked = refs.map(withoutSlot);
    const { reply: answer } = await link.ask(() => ledger.balances(asked, atMs));
    const results = answer.results.map((balance, index) => {
      // What a lease held that is over for the store is unknown there already.
      const held = Math.min(accounts.find(refs[index] as AccountRef)?.held ?? 0, balance.leased);
      return { ...balance, held: balance.held + held, leased: balance.leased - held };
    });
    return { ...answer, results };
  }

  /** From the first opening on we are one of those who use the ledger. */
  function join(): void {
    if (closed || closeLedger !== undefined) return;
    closeLedger = shareLedger(ledger);
    stopWaitingForExit = beforeExit(giveBackOpen);
  }

  function allLeases(): readonly Lease[] {
    return [...accounts].flatMap((account) => [...account.leases]);
  }

  function giveBackOpen(): void {
    const open = allLeases().filter((lease) => lease.open);
    if (open.length > 0) void reports.giveBack(open);
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    cancelTimer?.();
    cancelNoting?.();
    stopWaitingForExit?.();
    await journal.end();
    // What is on its way goes back with the rest: the store would charge all of it.
    await Promise.allSettled([...reserving, ...[...accounts].map(({ refilling }) => refilling)]);
    holds.chargeAllUnbacked();
    await reports.giveBack(allLeases());
    await exact.idle();
    await pending.flush(ledger, link);
    // What calls gave back meanwhile.
    if (!link.down) await reports.reportLast(allLeases().filter((lease) => lease.hasUntold));
    await told.catchUp(time.nowMs());
    pending.end();
    for (const { account, uncovered } of allLeases()) {
      if (uncovered > 0 && !notes.isWhole) pending.lost.add(account.ref, uncovered);
    }
    notes.close();
    await inTime(clock, CLOSE_MS, () => closeLedger?.());
    const error = pending.lost.toError("the guard was closed while the store did not answer");
    if (error !== undefined) throw error;
  }

  return {
    durable: true,
    windows: ledger.windows,
    nowMs,
    get dropped() {
      return pending.lost.count;
    },
    ready: async () => {
      join();
      if ((await inTime(clock, OPEN_MS, () => ledger.ready())) === LATE) throw notOpened(OPEN_MS);
      await link.ask(() => ledger.balances([]));
      await journal.open();
    },
    reserve(batch): MaybePromise<LedgerReply<ReserveResult>> {
      const [request] = batch;
      const held = batch.length === 1 && request ? reserveLocally(request) : undefined;
      if (held !== undefined) return reply([held]);
      const results = Promise.all(batch.map(reserveSlowly));
      reserving.add(results);
      return results.finally(() => reserving.delete(results)).then(reply);
    },
    dispatch(batch) {
      const results = batch.map((id) => holds.dispatch(id) || exact.dispatch(id));
      notes.write();
      return reply(results);
    },
    settle(batch): MaybePromise<LedgerReply<SettleResult>> {
      const [end] = batch;
      if (batch.length === 1 && end?.once === true) return settleOnce(end);
      return reply(batch.map(settle));
    },
    balances,
    lease: async (batch) => (await link.ask(() => ledger.lease(batch))).reply,
    returnLeases: async (batch) => (await link.ask(() => ledger.returnLeases(batch))).reply,
    charge,
    correct: async (batch) => {
      void reports.report(withNews(batch.map(({ account }) => account)));
      return (await link.ask(() => ledger.correct(batch.map(plain)))).reply;
    },
    close,
  };
}

const never = (): boolean => false;

function plain<T extends { readonly account: AccountRef }>(given: T): T {
  return { ...given, account: withoutSlot(given.account) };
}
