import type { AccountRef, Reservation, ReserveResult } from "../ledger/ledger.ts";
import { DUPLICATE, RESERVED } from "../ledger/reserve-results.ts";
import type { ExactReservations } from "./exact-reservations.ts";
import type { LocalAccounts } from "./local-accounts.ts";
import type { LocalHolds } from "./local-holds.ts";
import { storeIsDown } from "./store-errors.ts";
import type { StoreLink } from "./store-link.ts";

/** Lets calls through while the store is down, as `onStoreOutage` of their budgets says. */
export class OutageRules {
  readonly #accounts: LocalAccounts;
  readonly #holds: LocalHolds;
  readonly #exact: ExactReservations;
  readonly #link: StoreLink;

  constructor(
    accounts: LocalAccounts,
    holds: LocalHolds,
    exact: ExactReservations,
    link: StoreLink,
  ) {
    this.#accounts = accounts;
    this.#holds = holds;
    this.#exact = exact;
    this.#link = link;
  }

  /** @throws {StoreUnavailableError} `BR8001` where a budget lets nothing through, or no more. */
  reserve(request: Reservation): ReserveResult {
    const denied = request.accounts.find(({ onStoreOutage = "deny" }) => onStoreOutage === "deny");
    if (denied === undefined && this.#isKnownToStore(request)) return DUPLICATE;
    if (denied === undefined && this.#holds.take(request, (ref) => this.#mayGoUnbacked(ref))) {
      return RESERVED;
    }
    throw storeIsDown(this.#link.reason, denied?.key);
  }

  /**
   * Counts anew, once the store has taken all that was let through: one that answers and takes no
   * charge, such as a server that may only be read, is still out.
   */
  end(isAllTold: boolean): void {
    if (this.#link.down || !isAllTold || this.#holds.areUnbacked) return;
    for (const account of this.#accounts) account.allowed = 0;
  }

  /** Another attempt of its call was before, and holds the money there or was charged. */
  #isKnownToStore({ id, once }: Reservation): boolean {
    return once === true && (this.#exact.has(id) || this.#exact.wasCharged(id));
  }

  #mayGoUnbacked(ref: AccountRef): boolean {
    const rule = ref.onStoreOutage;
    if (typeof rule !== "object") return false;
    const account = this.#accounts.open(ref); // where it is counted
    return account !== undefined && account.allowed < rule.allow;
  }
}
