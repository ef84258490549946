import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { Ledger, LedgerReply } from "./ledger.ts";

/** Methods of a ledger that take a batch. */
export type LedgerMethod =
  | "reserve"
  | "dispatch"
  | "settle"
  | "balances"
  | "lease"
  | "returnLeases"
  | "charge"
  | "correct";

/** One batch of one method, as a store carries it out. */
export type LedgerOperation = {
  readonly [M in LedgerMethod]: {
    readonly method: M;
    readonly batch: Parameters<Ledger[M]>[0];
    /** Only for `balances`. */
    readonly atMs: number | undefined;
  };
}[LedgerMethod];

/** What a store must do itself. */
export interface BatchingLedgerOptions {
  readonly windows: Ledger["windows"];
  ready(): Promise<void>;
  /**
   * Carries operations out in their order, each item atomic by itself, in one round trip. One reply
   * for each operation. When it rejects, all of them fail: what the store did of them is not known.
   */
  run(operations: readonly LedgerOperation[]): Promise<readonly LedgerReply<unknown>[]>;
  close(): MaybePromise<void>;
  /** Most items in one round trip (default 256). */
  readonly maxItems?: number;
}

interface Waiting {
  readonly operation: LedgerOperation;
  readonly resolve: (reply: never) => void;
  readonly reject: (reason: unknown) => void;
}

const DEFAULT_MAX_ITEMS = 256;

/**
 * Makes a durable ledger from a function that carries operations out. What is asked while a round
 * trip is under way goes out together with the next one (group commit): the busier, the fewer round
 * trips a call. Neighbours of one method go out as one operation. Order is kept.
 */
export function createBatchingLedger(options: BatchingLedgerOptions): Ledger {
  const { maxItems = DEFAULT_MAX_ITEMS } = options;
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let opened: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function ask<M extends LedgerMethod>(
    method: M,
    batch: Parameters<Ledger[M]>[0],
    atMs?: number,
  ): Promise<never> {
    if (closing !== undefined) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const operation = { method, batch, atMs } as LedgerOperation;
      waiting.push({ operation, resolve, reject });
      running ??= Promise.resolve().then(drain);
    });
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) await runSome(takeSome());
    running = undefined;
  }

  function takeSome(): readonly Waiting[] {
    let items = 0;
    let count = 0;
    for (const { operation } of waiting) {
      items += Math.max(1, operation.batch.length);
      if (count > 0 && items > maxItems) break;
      count++;
    }
    return waiting.splice(0, count);
  }

  async function runSome(some: readonly Waiting[]): Promise<void> {
    try {
      await ensureOpen();
      const groups = neighboursOf(some);
      const replies = await options.run(groups.map(joined));
      for (const [index, group] of groups.entries()) {
        answer(group, replies[index] as LedgerReply<unknown>);
      }
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  /** One that failed is tried again by whoever asks next. */
  function ensureOpen(): Promise<void> {
    opened ??= open();
    return opened;
  }

  async function open(): Promise<void> {
    try {
      await options.ready();
    } catch (error) {
      opened = undefined;
      throw error;
    }
  }

  async function close(): Promise<void> {
    await running;
    await opened?.catch(() => undefined); // whoever waits for it hears of it
    await options.close();
  }

  return {
    durable: true,
    windows: options.windows,
    ready: () => (closing === undefined ? ensureOpen() : Promise.reject(closed())),
    reserve: (batch) => ask("reserve", batch),
    dispatch: (ids) => ask("dispatch", ids),
    settle: (batch) => ask("settle", batch),
    balances: (accounts, atMs) => ask("balances", accounts, atMs),
    lease: (batch) => ask("lease", batch),
    returnLeases: (batch) => ask("returnLeases", batch),
    charge: (batch) => ask("charge", batch),
    correct: (batch) => ask("correct", batch),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Runs of questions of one kind, in their order. */
function neighboursOf(some: readonly Waiting[]): readonly (readonly [Waiting, ...Waiting[]])[] {
  const groups: [Waiting, ...Waiting[]][] = [];
  for (const one of some) {
    const group = groups.at(-1);
    const before = group?.[0].operation;
    const { method, atMs } = one.operation;
    if (before?.method === method && before.atMs === atMs) group?.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** One operation for all of them: stores take items together that they get together. */
function joined([{ operation }, ...others]: readonly [Waiting, ...Waiting[]]): LedgerOperation {
  if (others.length === 0) return operation;
  const more = others.flatMap((other): readonly unknown[] => other.operation.batch);
  return { ...operation, batch: [...operation.batch, ...more] } as LedgerOperation;
}

/** Each gets the results of its own items. */
function answer(group: readonly Waiting[], reply: LedgerReply<unknown>): void {
  let at = 0;
  for (const { operation, resolve } of group) {
    const end = at + operation.batch.length;
    const own = group.length === 1 ? reply : { ...reply, results: reply.results.slice(at, end) };
    resolve(own as never);
    at = end;
  }
}

function closed(): StoreUnavailableError {
  return new StoreUnavailableError({ message: "the store is closed. Open a new one." });
}
