import type {
  AccountRef,
  AccountWindow,
  LeaseResult,
  LeaseReturnResult,
  Ledger,
  LedgerReply,
} from "../../ledger/ledger.ts";
import { withoutSlot } from "../../ledger/without-slot.ts";
import type { MaybePromise } from "../../ports/maybe-promise.ts";

/**
 * A store as it would be so many milliseconds later: every instant on the way to it and back is
 * moved, so that a day ends when a trial wants it to.
 */
export function shiftLedger(ledger: Ledger, aheadMs: number): Ledger {
  if (aheadMs === 0) return ledger;
  const refs = (accounts: readonly AccountRef[]): AccountRef[] =>
    accounts.map((ref) => ({ ...withoutSlot(ref), window: shiftWindow(ref.window, -aheadMs) }));
  const back = <T extends { readonly account: AccountRef }>(item: T): T => {
    const [account = item.account] = refs([item.account]);
    return { ...item, account };
  };
  const earlier = <T extends { readonly atMs: number }>(item: T): T => ({
    ...item,
    atMs: item.atMs - aheadMs,
  });
  const told = async <T>(asked: MaybePromise<LedgerReply<T>>): Promise<LedgerReply<T>> => {
    const { nowMs, ...reply } = await asked;
    return nowMs === undefined ? reply : { ...reply, nowMs: nowMs + aheadMs };
  };
  const expiring = async <T extends LeaseResult | LeaseReturnResult>(
    asked: MaybePromise<LedgerReply<T>>,
  ): Promise<LedgerReply<T>> => {
    const reply = await told(asked);
    return { ...reply, results: reply.results.map((result) => laterEnd(result, aheadMs)) };
  };
  return {
    ...ledger,
    reserve: (batch) =>
      told(ledger.reserve(batch.map((one) => ({ ...earlier(one), accounts: refs(one.accounts) })))),
    dispatch: (ids) => told(ledger.dispatch(ids)),
    settle: (batch) =>
      told(
        ledger.settle(
          batch.map(({ atMs, ...end }) =>
            atMs === undefined ? end : { ...end, atMs: atMs - aheadMs },
          ),
        ),
      ),
    balances: (accounts, atMs) =>
      told(ledger.balances(refs(accounts), atMs === undefined ? undefined : atMs - aheadMs)),
    lease: (batch) => expiring(ledger.lease(batch.map((one) => back(earlier(one))))),
    returnLeases: (batch) => expiring(ledger.returnLeases(batch.map(earlier))),
    charge: (batch) => told(ledger.charge(batch.map((one) => back(earlier(one))))),
    correct: (batch) => told(ledger.correct(batch.map(back))),
  };
}

function shiftWindow(window: AccountWindow, byMs: number): AccountWindow {
  if (window.kind === "rolling") return window;
  const { startsAtMs, endsAtMs } = window;
  return { ...window, startsAtMs: startsAtMs + byMs, endsAtMs: endsAtMs + byMs };
}

function laterEnd<T extends LeaseResult | LeaseReturnResult>(result: T, byMs: number): T {
  if (!("expiresAtMs" in result) || result.expiresAtMs === undefined) return result;
  return { ...result, expiresAtMs: result.expiresAtMs + byMs };
}
