import type {
  Ledger,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "../ledger/ledger.ts";
import { withoutSlot } from "../ledger/without-slot.ts";
import type { PendingWrites } from "./pending-writes.ts";
import type { StoreLink } from "./store-link.ts";

/** A store charges what its holder did not prolong for so long. Prolonged every second. */
const TTL_MS = 15_000;
const MAX_BATCH = 256;
const UNSURE: SettleResult = Object.freeze({ applied: true, balances: [], spentBefore: [] });

/** Reservations that the store itself holds, for calls near a limit. */
export class ExactReservations {
  readonly #open = new Set<string>();
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #pending: PendingWrites;

  constructor(ledger: Ledger, link: StoreLink, pending: PendingWrites) {
    this.#ledger = ledger;
    this.#link = link;
    this.#pending = pending;
  }

  get size(): number {
    return this.#open.size;
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  /**
   * Reserves in the store. It counts as dispatched there, because nobody asks again before a call is
   * sent; when it is never sent it is released. What the store may have held without our knowing is
   * released as soon as it answers again.
   */
  async reserve(request: Reservation): Promise<ReserveResult> {
    const { id } = request;
    const release: Settlement = { id, as: "released", amounts: [] };
    const accounts = request.accounts.map(withoutSlot);
    const asked = { ...request, accounts, expiresInMs: TTL_MS, dispatched: true };
    try {
      const { reply } = await this.#link.ask(() => this.#ledger.reserve([asked]));
      const result = reply.results[0] as ReserveResult;
      if (result.kind === "reserved") this.#open.add(id);
      return result;
    } catch (error) {
      this.#pending.addEnd(release);
      throw error;
    }
  }

  /** Ends a reservation; while the store is down the end waits for it. */
  async settle(end: Settlement): Promise<SettleResult> {
    if (end.as !== "unknown") this.#open.delete(end.id);
    try {
      const { reply } = await this.#link.ask(() => this.#ledger.settle([end]));
      return reply.results[0] as SettleResult;
    } catch {
      this.#pending.addEnd(end);
      return UNSURE;
    }
  }

  /** Says that the calls are still running. Never throws. */
  async prolong(): Promise<void> {
    const ids = [...this.#open];
    try {
      for (let from = 0; from < ids.length; from += MAX_BATCH) {
        const batch = ids.slice(from, from + MAX_BATCH);
        await this.#link.ask(() => this.#ledger.dispatch(batch));
      }
    } catch {
      // The link knows that the store is down; what expires there is corrected by its end.
    }
  }
}
