import type { MaybePromise } from "./maybe-promise.ts";

/** Something to deliver to the world outside, at least once. */
export interface OutboxMessage {
  /** Unique; adding it again changes nothing. */
  readonly id: string;
  readonly topic: string;
  readonly body: string;
  /** Epoch milliseconds, by the store's clock: not before. */
  readonly dueAtMs: number;
}

/** A message that somebody has taken on. */
export interface ClaimedMessage extends OutboxMessage {
  /** Times it was claimed, this one included. */
  readonly attempts: number;
}

/** Messages that survive a process until they are delivered. */
export interface Outbox {
  /** Adds messages, all or none; those whose id is known, delivered or not, are left out. */
  add(messages: readonly OutboxMessage[]): MaybePromise<void>;
  /**
   * Takes on messages of a topic that are due, oldest first: nobody else gets them for `leaseMs`.
   * Whoever dies with one loses it to the next.
   */
  claim(topic: string, limit: number, leaseMs: number): MaybePromise<readonly ClaimedMessage[]>;
  /** Delivered. The id is remembered for at least a day. */
  done(ids: readonly string[]): MaybePromise<void>;
  /** Not delivered: due again at this time. */
  retry(id: string, dueAtMs: number): MaybePromise<void>;
  /** Messages of a topic that are not done: due or not, claimed or not. */
  waiting(topic: string): MaybePromise<number>;
}
