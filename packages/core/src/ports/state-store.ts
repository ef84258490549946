import type { MaybePromise } from "./maybe-promise.ts";

/** A value with the number of its newest change. */
export interface StateEntry {
  readonly value: string;
  /** 1 for the first write, then growing. */
  readonly revision: number;
}

/**
 * Counters and snapshots that must survive a process: texts by key, changed one writer at a time.
 */
export interface StateStore {
  read(key: string): MaybePromise<StateEntry | undefined>;
  /**
   * Writes a value if its newest revision is the one that the writer saw (0: there was none).
   * Resolves to the new revision; undefined when somebody else was faster: read, and try again.
   */
  write(key: string, value: string, seen: number): MaybePromise<number | undefined>;
  /**
   * Removes a value under the same condition; whether it was removed. Revisions begin anew then.
   */
  remove(key: string, seen: number): MaybePromise<boolean>;
  /**
   * Keys that begin with a prefix, in the order of their code units, at most `limit` of them
   * (default 1,000).
   */
  keys(prefix: string, limit?: number): MaybePromise<readonly string[]>;
}
