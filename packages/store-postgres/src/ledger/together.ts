import type {
  AccountRef,
  Balance,
  LedgerReply,
  Reservation,
  Settlement,
  SettleResult,
} from "@burnrate/core";
import type { LedgerOperation } from "@burnrate/core/adapter";
import { keyOf, numberArray, textArray } from "../text.ts";
import { accountKey, duration, limitOf, sumOf, whole } from "./encode-values.ts";
import { areSame, reservationGroups, settlementGroups } from "./groups.ts";
import type { HeldReservations, Hold } from "./held-reservations.ts";
import { heldOneByOne, moved } from "./one-by-one.ts";

/** A batch that a function of its own carries out. */
export interface Together {
  readonly text: string;
  readonly values: readonly string[];
  /** What the function answered; undefined where that is no reply: then it has done nothing. */
  read(reply: unknown): LedgerReply<unknown> | undefined;
}

/**
 * The short way for a batch of one kind on one list of accounts with fixed windows; undefined where
 * there is none.
 */
export function together(
  schema: string,
  operations: readonly LedgerOperation[],
  held: HeldReservations,
): Together | undefined {
  const [operation] = operations;
  if (operation === undefined || operations.length > 1) return undefined;
  if (operation.method === "reserve") return reserved(schema, operation.batch);
  return operation.method === "settle" ? settled(schema, operation.batch, held) : undefined;
}

function reserved(schema: string, batch: readonly Reservation[]): Together | undefined {
  const [one] = batch;
  if (one === undefined || one.once === true || reservationGroups(batch).length > 1)
    return undefined;
  const { accounts, dispatched, expiresInMs } = one;
  const sums = accounts.map((_, at) => sumOf(batch, at));
  if (!isPlain(accounts) || sums.includes(-1)) return undefined;
  const { stride, amounts } = amountsOf(batch, accounts.length);
  const common = [stride, dispatched === true ? 1 : 0, duration(expiresInMs)];
  return {
    text: `select ${schema}.reserve_together($1, $2, $3, $4, $5, $6, $7) as reply`,
    values: [
      textArray(accounts.map(accountKey)),
      numberArray(accounts.map(limitOf)),
      numberArray(accounts.map(({ limitVersion }) => whole(limitVersion))),
      numberArray(sums),
      textArray(batch.map(({ id }) => keyOf(id))),
      numberArray(amounts),
      numberArray(common),
    ],
    read: (reply) => readReply(reply, accounts.length, (before) => heldOneByOne(batch, before)),
  };
}

function settled(
  schema: string,
  batch: readonly Settlement[],
  held: HeldReservations,
): Together | undefined {
  const [one] = batch;
  if (one?.as !== "settled" || settlementGroups(batch).length > 1) return undefined;
  const holds = held.of(batch);
  const accounts = holds?.[0]?.accounts;
  if (holds === undefined || accounts === undefined || !isPlain(accounts)) return undefined;
  const sums = accounts.map((_, at) => sumOf(batch, at));
  if (accounts.length !== one.amounts.length || sums.includes(-1)) return undefined;
  const { stride, amounts } = amountsOf(holds, accounts.length);
  return {
    text: `select ${schema}.settle_together($1, $2, $3, $4, $5, $6) as reply`,
    values: [
      textArray(accounts.map(accountKey)),
      numberArray(sums),
      numberArray(accounts.map((_, at) => sumOf(holds, at))),
      textArray(batch.map(({ id }) => keyOf(id))),
      numberArray(amounts),
      String(stride),
    ],
    read: (reply) => readReply(reply, accounts.length, (before) => ended(batch, holds, before)),
  };
}

/** Each settlement after the one before it, as if they had come one by one. */
function ended(
  batch: readonly Settlement[],
  holds: readonly Hold[],
  before: readonly Balance[],
): readonly SettleResult[] {
  let last = before;
  return batch.map(({ amounts }, item) => {
    const spentBefore = last.map(({ settled: spent, unknown }) => spent + unknown);
    const { amounts: was = [] } = holds[item] ?? {};
    last = last.map((balance, at) => moved(balance, amounts[at] ?? 0, -(was[at] ?? 0)));
    return { applied: true, balances: last, spentBefore };
  });
}

/** What each item has on each account; one line, and a stride of 0, where all have the same. */
function amountsOf(
  items: readonly { readonly amounts: readonly number[] }[],
  length: number,
): { readonly stride: number; readonly amounts: readonly number[] } {
  const [one] = items;
  const isAlike = items.every(({ amounts }) => areSame(one?.amounts ?? [], amounts));
  const lines = isAlike ? items.slice(0, 1) : items;
  const amounts = lines.flatMap((item) => item.amounts.slice(0, length));
  return { stride: isAlike ? 0 : length, amounts };
}

/** Different accounts, none of which has slices that move on. */
function isPlain(accounts: readonly AccountRef[]): boolean {
  const isFixed = accounts.every(({ window }) => window.kind === "fixed");
  return (
    isFixed && accounts.length > 0 && new Set(accounts.map(accountKey)).size === accounts.length
  );
}

/**
 * Four figures of each account, kind by kind. They are counted, because a driver may be told to
 * make something else of null, and a reservation without figures would be a yes.
 */
function readReply(
  reply: unknown,
  count: number,
  resultsOf: (before: readonly Balance[]) => readonly unknown[],
): LedgerReply<unknown> | undefined {
  const [killEpoch = 0, nowMs = 0, ...figures] = String(reply).split(",").map(Number);
  if (figures.length !== 4 * count) return undefined;
  const before = Array.from({ length: count }, (_, at) => ({
    settled: figures[at] ?? 0,
    held: figures[count + at] ?? 0,
    leased: figures[2 * count + at] ?? 0,
    unknown: figures[3 * count + at] ?? 0,
  }));
  return { killEpoch, nowMs, results: resultsOf(before) };
}
