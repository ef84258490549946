import type { KillLevel } from "./kill-scope.ts";

/** Why, who, how hard, and for how long. */
export interface KillOptions {
  /** Why, at most 500 characters; refusals and events say it. */
  readonly reason: string;
  /** Who pulls it; refusals and events say it. */
  readonly by: string;
  /** Default `abort`: the person who pulls the switch means now. */
  readonly level?: KillLevel;
  /** Ends by itself after this long; otherwise only a revive ends it. */
  readonly ttlMs?: number;
  /** How long to wait for other processes to acknowledge (default 1,000). */
  readonly ackTimeoutMs?: number;
}

/** Why and who takes a kill back. */
export interface ReviveOptions {
  readonly reason: string;
  readonly by: string;
}

/** What a kill achieved. Success is never claimed without an acknowledgement. */
export interface KillReceipt {
  readonly id: string;
  /** Its line in the kill log; 0 when the log did not take it, or not in time. */
  readonly epoch: number;
  /** Whether the kill survives a restart. */
  readonly durable: boolean;
  /** Calls in flight that were cut, over all processes that answered. */
  readonly aborted: number;
  /** The processes that have it in force, and how many calls each cut. */
  readonly acks: readonly { readonly process: string; readonly aborted: number }[];
  /** Processes that are alive and did not answer in time. */
  readonly missing: readonly string[];
}
