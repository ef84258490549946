import { isAmount } from "../../ledger/amount.ts";
import type {
  AccountRef,
  AccountWindow,
  Balance,
  Correction,
  LateCharge,
  LeaseRequest,
  LeaseReturn,
  Reservation,
  Settlement,
} from "../../ledger/ledger.ts";

type Kind = keyof Balance;

/** One thing that counts on one account. The oracle's balances are sums over a list of them. */
interface Charge {
  readonly owner: string;
  readonly account: string;
  readonly kind: Kind;
  readonly amount: number;
  readonly slice: number;
  /** Was of unknown end when its account was corrected: counts no more. */
  readonly known?: boolean;
}

interface OracleAccount {
  readonly ref: AccountRef;
  nowMs: number;
  limit: number;
  version: number;
  /** Until usage exceeds what was taken for it, or the limit is lowered. */
  isBounded: boolean;
}

interface OracleLease {
  readonly account: OracleAccount;
  readonly amount: number;
  expiresAtMs: number;
  revision: number;
  settled: number;
  unknown: number;
  kept: number;
  /** How much of `unknown` a correction has counted. */
  known: number;
}

/**
 * The ledger said as simply as possible: lists and sums, one request after the other, for holding
 * real ledgers against. It knows nothing of caps but that of task accounts.
 */
export class LedgerOracle {
  readonly #maxEphemeral: number;
  readonly #accounts = new Map<string, OracleAccount>();
  readonly #leases = new Map<string, OracleLease>();
  #charges: Charge[] = [];

  constructor(maxEphemeral: number) {
    this.#maxEphemeral = maxEphemeral;
  }

  balance(ref: AccountRef, atMs: number = Number.NEGATIVE_INFINITY): Balance {
    const account = this.#accounts.get(idOf(ref));
    if (account !== undefined) account.nowMs = Math.max(account.nowMs, atMs);
    const sum = (kind: Kind): number =>
      sumOf(
        this.#charges.filter(
          (charge) =>
            charge.account === idOf(ref) &&
            charge.kind === kind &&
            charge.known !== true &&
            account !== undefined &&
            isIn(charge, account),
        ),
      );
    const [settled, held] = [sum("settled"), sum("held")];
    return { settled, held, leased: sum("leased"), unknown: sum("unknown") };
  }

  /** The limit that the account must be within, if nothing has happened that may break it. */
  boundOf(ref: AccountRef): number | undefined {
    const account = this.#accounts.get(idOf(ref));
    return account?.isBounded === true ? account.limit : undefined;
  }

  reserve({
    id,
    accounts,
    amounts,
    atMs,
  }: Reservation): "reserved" | "duplicate" | "refused" | "full" {
    if (this.#openCharges(id).length > 0) return "duplicate";
    const held: Charge[] = [];
    for (const [index, ref] of accounts.entries()) {
      if (this.#hasNoRoomFor(ref, accounts.slice(0, index))) return "full";
      const account = this.#open(ref, atMs);
      const amount = amounts[index] ?? Number.NaN;
      const slice = sliceOf(ref.window, account.nowMs);
      held.push({ owner: id, account: idOf(ref), kind: "held", amount, slice });
    }
    const fits = held.every((charge, index) => {
      const asked = sumOf(held.filter((other) => other.account === charge.account));
      const ref = accounts[index] as AccountRef;
      return isAmount(charge.amount) && this.#total(ref) + asked <= this.#open(ref, atMs).limit;
    });
    if (fits) this.#charges.push(...held);
    return fits ? "reserved" : "refused";
  }

  /** What was spent of each account before; undefined when it is not applied. */
  settle({ id, as, amounts, atMs }: Settlement): readonly number[] | undefined {
    const open = this.#openCharges(id);
    if (open.length === 0 || (open[0]?.kind === "unknown" && as !== "settled")) return undefined;
    return open.map((charge, index) => {
      const account = this.#accounts.get(charge.account) as OracleAccount;
      account.nowMs = Math.max(account.nowMs, atMs ?? 0);
      const before = this.#spent(account);
      this.#charges = this.#charges.filter((line) => line !== charge);
      if (charge.known === true || as === "released") return before;
      const used = amounts[index];
      const amount = as === "settled" && isAmount(used) ? used : charge.amount;
      this.#charges.push({ ...charge, kind: as, amount });
      if (amount > charge.amount) account.isBounded = false;
      return before;
    });
  }

  /** What was spent before. */
  charge({ id, account: ref, amount, atMs }: LateCharge): number {
    const account = this.#open(ref, atMs);
    const before = this.#spent(account);
    const slice = sliceOf(ref.window, account.nowMs);
    this.#charges.push({ owner: id, account: idOf(ref), kind: "settled", amount, slice });
    account.isBounded = false;
    return before;
  }

  /** Only for fixed windows. */
  correct({ account: ref, settled }: Correction): void {
    const account = this.#accounts.get(idOf(ref)) ?? this.#open(ref, 0);
    const id = idOf(ref);
    this.#charges = this.#charges
      .filter((line) => line.account !== id || line.kind !== "settled")
      .map((line) =>
        line.account === id && line.kind === "unknown" ? { ...line, known: true } : line,
      );
    for (const lease of this.#leases.values()) {
      if (lease.account === account) lease.known = lease.unknown;
    }
    const line = { owner: "provider", account: id, kind: "settled" as const, slice: 0 };
    this.#charges.push({ ...line, amount: settled });
    account.isBounded = false;
  }

  /** The slice and its expiry; undefined when the lease is refused. */
  lease(
    request: LeaseRequest,
  ): { readonly amount: number; readonly expiresAtMs: number } | undefined {
    const { id, account: ref, amount, minimum, maxShare, atMs, ttlMs } = request;
    const out = this.#leases.get(id);
    if (out !== undefined) return { amount: out.amount, expiresAtMs: out.expiresAtMs };
    if (this.#hasNoRoomFor(ref, [])) return undefined;
    const account = this.#open(ref, atMs);
    const room = Math.max(0, account.limit - this.#total(ref));
    const granted = Math.min(amount, room, Math.max(minimum, Math.floor(room * maxShare)));
    if (granted < Math.max(1, minimum)) return undefined;
    const expiresAtMs = Math.min(endOf(ref.window), atMs + ttlMs);
    const nothing = { revision: 0, settled: 0, unknown: 0, known: 0 };
    this.#leases.set(id, { account, amount: granted, expiresAtMs, kept: granted, ...nothing });
    const slice = sliceOf(ref.window, account.nowMs);
    this.#charges.push({ owner: id, account: idOf(ref), kind: "leased", amount: granted, slice });
    return { amount: granted, expiresAtMs };
  }

  /** What was spent before, and the expiry of what is kept; undefined when it is not applied. */
  returnLease({
    id,
    revision,
    atMs,
    ttlMs,
    ...given
  }: LeaseReturn):
    | { readonly spentBefore: number; readonly expiresAtMs: number | undefined }
    | undefined {
    const lease = this.#leases.get(id);
    if (lease === undefined || revision <= lease.revision) return undefined;
    const { account } = lease;
    account.nowMs = Math.max(account.nowMs, atMs);
    const spentBefore = this.#spent(account);
    const settled = Math.max(0, given.settled - lease.settled);
    const kept = Math.min(given.kept, lease.kept);
    const returned = lease.kept - kept;
    if (settled + given.unknown - lease.unknown > returned) account.isBounded = false;
    const known = Math.min(lease.known, given.unknown);
    // Of what is new, so much may be the truth of what a correction has counted already.
    const truths = lease.known - known;
    const charged = Math.max(settled - truths, Math.min(settled, returned));
    const slice = sliceOf(account.ref.window, account.nowMs);
    const line = { owner: id, account: idOf(account.ref), slice };
    this.#charges = this.#charges.filter(({ owner, kind }) => owner !== id || kind === "settled");
    const added: Charge[] = [
      { ...line, kind: "settled", amount: charged },
      { ...line, kind: "unknown", amount: given.unknown - known },
      { ...line, kind: "leased", amount: kept },
    ];
    this.#charges.push(...added.filter(({ amount }) => amount > 0));
    const { unknown } = given;
    Object.assign(lease, { revision, settled: lease.settled + settled, unknown, kept, known });
    if (kept === 0 && unknown === 0) this.#endLease(id);
    if (kept > 0 && ttlMs !== undefined) {
      const prolonged = Math.max(lease.expiresAtMs, atMs + ttlMs);
      lease.expiresAtMs = Math.min(endOf(account.ref.window), prolonged);
    }
    return { spentBefore, expiresAtMs: kept > 0 ? lease.expiresAtMs : undefined };
  }

  /** Says that the ledger forgot an account, which it may do to idle tasks. */
  forget(ref: AccountRef): void {
    this.#accounts.delete(idOf(ref));
    this.#charges = this.#charges.filter((charge) => charge.account !== idOf(ref));
  }

  /** Its id may be used again; what it spent stays. */
  #endLease(id: string): void {
    this.#leases.delete(id);
    const owner = `${id} (over)`;
    this.#charges = this.#charges.map((line) => (line.owner === id ? { ...line, owner } : line));
  }

  #spent({ ref }: OracleAccount): number {
    const { settled, unknown } = this.balance(ref);
    return settled + unknown;
  }

  #total(ref: AccountRef): number {
    const { settled, held, leased, unknown } = this.balance(ref);
    return settled + held + leased + unknown;
  }

  /** The account, brought to an instant and to the newest limit. */
  #open(ref: AccountRef, atMs: number): OracleAccount {
    const { limit, limitVersion: version } = ref;
    const fresh = { ref, nowMs: atMs, limit, version, isBounded: true };
    const account = this.#accounts.get(idOf(ref)) ?? fresh;
    this.#accounts.set(idOf(ref), account);
    account.nowMs = Math.max(account.nowMs, atMs);
    if (version >= account.version) {
      if (limit < account.limit) account.isBounded = false;
      account.limit = limit;
      account.version = version;
    }
    return account;
  }

  /** Only accounts in use, and those that the request has opened itself, cannot be pushed out. */
  #hasNoRoomFor(ref: AccountRef, opened: readonly AccountRef[]): boolean {
    if (!ref.ephemeral) return false;
    const staying = [...this.#accounts.values()]
      .map((account) => account.ref)
      .filter((other) => other.ephemeral && other.org === ref.org)
      .filter((other) => this.#isInUse(other) || opened.some((one) => idOf(one) === idOf(other)))
      .map(idOf);
    return !staying.includes(idOf(ref)) && staying.length >= this.#maxEphemeral;
  }

  #isInUse(ref: AccountRef): boolean {
    return this.#charges.some(({ account, kind }) => account === idOf(ref) && kind !== "settled");
  }

  #openCharges(id: string): Charge[] {
    const isOpen = ({ kind }: Charge): boolean => kind === "held" || kind === "unknown";
    return this.#charges.filter((charge) => charge.owner === id && isOpen(charge));
  }
}

/** Names an account in one window. */
export function idOf(ref: AccountRef): string {
  return `${ref.key} ${ref.windowKey}`;
}

function sumOf(charges: readonly Charge[]): number {
  return charges.reduce((sum, charge) => sum + charge.amount, 0);
}

function endOf(window: AccountWindow): number {
  return window.kind === "fixed" ? window.endsAtMs : Number.POSITIVE_INFINITY;
}

function sliceOf(window: AccountWindow, atMs: number): number {
  return window.kind === "rolling" ? Math.floor(atMs / window.sliceMs) : 0;
}

/** What is held or leased always counts; what is charged until its slice is wholly outside. */
function isIn({ kind, slice }: Charge, { ref: { window }, nowMs }: OracleAccount): boolean {
  if (kind === "held" || kind === "leased" || window.kind === "fixed") return true;
  const newest = sliceOf(window, nowMs);
  return (slice + 1) * window.sliceMs > newest * window.sliceMs - window.lengthMs;
}
