import type { MaybePromise } from "./maybe-promise.ts";

/** That a process has a kill in force, and how many calls in flight it cut. */
export interface KillAcknowledgement {
  readonly killId: string;
  readonly process: string;
  readonly aborted: number;
}

/**
 * The processes that share a store. A kill waits for those that live to acknowledge it, and names
 * those that did not.
 */
export interface Fleet {
  /** Says that a process lives, for this long unless it says so again. */
  beat(process: string, ttlMs: number): MaybePromise<void>;
  /** Says that a process has ended in order: nobody waits for it. */
  leave(process: string): MaybePromise<void>;
  /** Names of the processes that live, by the store's clock. */
  living(): MaybePromise<readonly string[]>;
  /** The first for each kill and process counts. Kept for at least a minute. */
  acknowledge(acknowledgement: KillAcknowledgement): MaybePromise<void>;
  acknowledgements(killId: string): MaybePromise<readonly KillAcknowledgement[]>;
}
