import type { BudgetUnit } from "../ledger/ledger.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { KillLevel, KillTarget } from "./kill-scope.ts";

/**
 * One line of the kill log. `epoch` numbers the lines without gaps, from 1; 0 is the epoch of what
 * is in force in a guard whose log did not take it.
 */
export type KillEntry =
  | {
      readonly kind: "kill";
      readonly epoch: number;
      readonly id: string;
      readonly target: KillTarget;
      /** One account of a budget, when a threshold pulled the switch. */
      readonly account?: string;
      readonly level: KillLevel;
      readonly reason: string;
      readonly by: string;
      readonly atMs: number;
      readonly expiresAtMs: number | undefined;
    }
  | {
      readonly kind: "revive";
      readonly epoch: number;
      readonly id: string;
      readonly reason: string;
      readonly by: string;
      readonly atMs: number;
    }
  | {
      /** A limit that was changed at run time: in force while the configured one is the same. */
      readonly kind: "limit";
      readonly epoch: number;
      /** Id of the budget. */
      readonly id: string;
      readonly unit: BudgetUnit;
      readonly limit: number;
      /** The limit in the configuration of whoever changed it. */
      readonly configured: number;
      readonly reason: string;
      readonly by: string;
      readonly atMs: number;
    };

/** A line before the log has numbered it. */
export type NewKillEntry = KillEntry extends infer E
  ? E extends KillEntry
    ? Omit<E, "epoch">
    : never
  : never;

/**
 * Where kills are kept, numbered and shared. Guards apply a kill to themselves first and append
 * afterwards, so that a kill works while the store is down.
 */
export interface KillLog {
  /** Whether entries survive this process. */
  readonly durable: boolean;
  /** Numbers an entry, keeps it, and tells subscribers. */
  append(entry: NewKillEntry): MaybePromise<KillEntry>;
  /** Entries numbered above `epoch`, in order. */
  read(epoch: number): MaybePromise<readonly KillEntry[]>;
  /** Tells of entries appended by anyone; returns an unsubscribe function. */
  subscribe(listener: (entry: KillEntry) => void): () => void;
}
