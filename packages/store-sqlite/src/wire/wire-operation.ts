import type { AccountRef, LedgerReply } from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import {
  packReservations,
  packReserveResults,
  unpackReservations,
  unpackReserveResults,
  type WireReservations,
} from "./reserve.ts";
import {
  packSettlements,
  packSettleResults,
  unpackSettlements,
  unpackSettleResults,
  type WireSettlements,
} from "./settle.ts";

type Other = Exclude<LedgerOperation, { readonly method: "reserve" | "settle" }>;

/** An operation of the ledger on its way to the other thread: calls packed, the rest as it is. */
export type WireOperation = WireReservations | WireSettlements | Other;

/** The answer on its way back; `results` is a `Float64Array` where the question was packed. */
export interface WireReply {
  readonly killEpoch: number;
  readonly nowMs: number;
  readonly results: unknown;
}

/** Makes operations ready to be sent; accounts go without what memory keeps on them. */
export function packOperations(operations: readonly LedgerOperation[]): WireOperation[] {
  const toPlain = plainAccounts();
  return operations.map((operation) => pack(operation, toPlain));
}

/** The operation that was packed. */
export function unpackOperation(wire: WireOperation): LedgerOperation {
  if (wire.method === "reserve") {
    return { method: "reserve", batch: unpackReservations(wire), atMs: undefined };
  }
  if (wire.method === "settle") {
    return { method: "settle", batch: unpackSettlements(wire), atMs: undefined };
  }
  return wire;
}

/** Makes an answer ready to be sent. */
export function packReply(
  { method }: LedgerOperation,
  { killEpoch, nowMs = 0, results }: LedgerReply<never>,
): WireReply {
  if (method === "reserve") return { killEpoch, nowMs, results: packReserveResults(results) };
  if (method === "settle") return { killEpoch, nowMs, results: packSettleResults(results) };
  return { killEpoch, nowMs, results };
}

/** The answer that was packed. */
export function unpackReply(
  operation: LedgerOperation,
  { killEpoch, nowMs, results }: WireReply,
): LedgerReply<unknown> {
  if (operation.method === "reserve") {
    const answers = unpackReserveResults(operation.batch, results as Float64Array);
    return { killEpoch, nowMs, results: answers };
  }
  if (operation.method === "settle") {
    const answers = unpackSettleResults(operation.batch.length, results as Float64Array);
    return { killEpoch, nowMs, results: answers };
  }
  return { killEpoch, nowMs, results: results as readonly unknown[] };
}

function pack(
  operation: LedgerOperation,
  toPlain: (account: AccountRef) => AccountRef,
): WireOperation {
  const withAccount = <T extends { readonly account: AccountRef }>(item: T): T => ({
    ...item,
    account: toPlain(item.account),
  });
  switch (operation.method) {
    case "reserve":
      return packReservations(operation.batch, toPlain);
    case "settle":
      return packSettlements(operation.batch);
    case "lease":
      return { ...operation, batch: operation.batch.map(withAccount) };
    case "charge":
      return { ...operation, batch: operation.batch.map(withAccount) };
    case "correct":
      return { ...operation, batch: operation.batch.map(withAccount) };
    case "balances":
      return { ...operation, batch: operation.batch.map(toPlain) };
    default:
      return operation;
  }
}

/** Each account is sent once, however often operations name it. */
function plainAccounts(): (account: AccountRef) => AccountRef {
  const known = new Map<AccountRef, AccountRef>();
  return (account) => {
    const before = known.get(account);
    if (before !== undefined) return before;
    const { slot: _slot, ...rest } = account;
    const plain = { ...rest, limit: figure(rest.limit), limitVersion: figure(rest.limitVersion) };
    known.set(account, plain);
    return plain;
  };
}

/** A limit that makes no sense lets nothing through. */
function figure(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
