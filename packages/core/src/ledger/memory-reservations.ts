import { LivelyMap } from "../bounded/lively-map.ts";
import { isAmount } from "./amount.ts";
import type { AccountRef, Reservation, ReserveResult, Settlement, SettleResult } from "./ledger.ts";
import type { MemoryAccount } from "./memory-account.ts";
import type { MemoryAccountTable } from "./memory-account-table.ts";
import { DUPLICATE } from "./reserve-results.ts";

interface Hold {
  readonly accounts: readonly MemoryAccount[];
  readonly slices: readonly number[];
  readonly amounts: readonly number[];
  state: "held" | "unknown";
  readonly once: boolean;
  /** Attempts of one call that share it, and have not given it back. */
  attempts: number;
  /** How often each account had been corrected when the end became unknown. */
  corrections: readonly number[];
}

const NOT_APPLIED: SettleResult = Object.freeze({ applied: false, balances: [], spentBefore: [] });
const MAX_ENDED_ONCE = 10_000;
const NEVER: readonly number[] = Object.freeze([]);

/**
 * Holds on accounts, by reservation. Nothing here expires: the guard sweeps its own calls, and
 * those of a dead process die with the ledger.
 */
export class MemoryReservations {
  readonly #table: MemoryAccountTable;
  readonly #holds = new LivelyMap<Hold>();
  /** Reservations whose truth may still arrive, oldest first. */
  readonly #unknown = new Set<string>();
  /** Calls of which another attempt may come, the oldest first. */
  readonly #endedOnce = new Set<string>();
  readonly #maxUnknown: number;

  constructor(table: MemoryAccountTable, maxUnknown: number) {
    this.#table = table;
    this.#maxUnknown = maxUnknown;
  }

  has(id: string): boolean {
    return this.#holds.has(id);
  }

  reserve(request: Reservation): ReserveResult {
    if (this.#isKnown(request)) return DUPLICATE;
    const table = this.#table;
    table.startRequest();
    const { amounts, atMs } = request;
    // Arrays of their size: one that grows begins with room for seventeen.
    const { length } = request.accounts;
    const accounts = new Array<MemoryAccount>(length);
    const slices = new Array<number>(length);
    for (let i = 0; i < length; i++) {
      const ref = request.accounts[i] as AccountRef;
      const account = table.open(ref, atMs);
      if (account === undefined) return { kind: "full", key: ref.key, cap: table.capFor(ref) };
      slices[i] = account.update(ref, atMs);
      accounts[i] = account;
    }
    const index = firstThatDoesNotFit(accounts, amounts);
    if (index >= 0) return { kind: "refused", index, balances: accounts };
    for (let i = 0; i < accounts.length; i++) {
      (accounts[i] as MemoryAccount).hold(amounts[i] as number);
    }
    this.#holds.add(request.id, {
      accounts,
      slices,
      amounts,
      state: "held",
      corrections: NEVER,
      once: request.once === true,
      attempts: 1,
    });
    return { kind: "reserved", balances: accounts };
  }

  settle(end: Settlement): SettleResult {
    const hold = this.#holds.get(end.id);
    if (hold === undefined || (hold.state === "unknown" && end.as !== "settled")) {
      return NOT_APPLIED;
    }
    const isReleased = end.as === "released";
    if (isReleased && end.once === true && --hold.attempts > 0) return NOT_APPLIED;
    const { length } = hold.accounts;
    const spentBefore = new Array<number>(length);
    for (let i = 0; i < length; i++) spentBefore[i] = endHold(hold, i, end);
    if (end.as === "unknown") this.#rememberUnknown(end.id, hold);
    else {
      this.#holds.delete(end.id);
      if (hold.once && !isReleased) this.#rememberOnce(end.id);
      if (hold.state === "unknown") this.#unknown.delete(end.id);
    }
    return { applied: true, balances: hold.accounts, spentBefore };
  }

  /** Whether the id is in use; another attempt of its call shares what it holds. */
  #isKnown({ id, once }: Reservation): boolean {
    const hold = this.#holds.get(id);
    if (hold === undefined) return this.#endedOnce.size > 0 && this.#endedOnce.has(id);
    if (once === true) hold.attempts++;
    return true;
  }

  #rememberOnce(id: string): void {
    this.#endedOnce.add(id);
    const [oldest] = this.#endedOnce;
    if (this.#endedOnce.size > MAX_ENDED_ONCE) this.#endedOnce.delete(oldest as string);
  }

  /** Beyond the cap the oldest keeps its charge for good: its truth is not waited for any more. */
  #rememberUnknown(id: string, hold: Hold): void {
    hold.state = "unknown";
    hold.corrections = hold.accounts.map((account) => account.corrections);
    this.#unknown.add(id);
    if (this.#unknown.size <= this.#maxUnknown) return;
    for (const oldest of this.#unknown) {
      this.settle({ id: oldest, as: "settled", amounts: [] });
      return;
    }
  }
}

/** Takes a hold off one account, and puts what became of it there; says what was spent before. */
function endHold(hold: Hold, index: number, end: Settlement): number {
  const account = hold.accounts[index] as MemoryAccount;
  const reserved = hold.amounts[index] as number;
  const slice = hold.slices[index] as number;
  if (end.atMs !== undefined) account.advance(end.atMs);
  const before = account.settled + account.unknown;
  if (hold.state === "unknown" && hold.corrections[index] !== account.corrections) {
    account.open--; // the provider's figures count it already
    return before;
  }
  if (hold.state === "unknown") account.addUnknown(-reserved, slice);
  else account.held -= reserved;
  if (end.as === "settled") {
    const used = end.amounts[index];
    account.settle(isAmount(used) ? used : reserved, slice);
  } else if (end.as === "unknown") account.addUnknown(reserved, slice);
  if (end.as !== "unknown") account.open--;
  return before;
}

function firstThatDoesNotFit(
  accounts: readonly MemoryAccount[],
  amounts: readonly number[],
): number {
  // One account may appear twice (nested tasks of one id): its amounts add up.
  for (let i = 0; i < accounts.length; i++) {
    const account = accounts[i] as MemoryAccount;
    let amount = amounts[i] as number;
    if (!isAmount(amount)) return i;
    for (let j = 0; j < i; j++) if (accounts[j] === account) amount += amounts[j] as number;
    if (!account.fits(amount)) return i;
  }
  return -1;
}
