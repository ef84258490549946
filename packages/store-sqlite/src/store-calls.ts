import type {
  ClaimedMessage,
  KillAcknowledgement,
  KillEntry,
  NewKillEntry,
  OutboxMessage,
  StateEntry,
} from "@burnrate/core";
import type { WireOperation, WireReply } from "./wire/wire-operation.ts";

/** What the thread of the database does when it is asked. */
export interface StoreCalls {
  open(): void;
  run(operations: readonly WireOperation[]): readonly WireReply[];
  append(entry: NewKillEntry): KillEntry;
  readLines(after: number): readonly KillEntry[];
  beat(process: string, ttlMs: number): void;
  leave(process: string): void;
  living(): readonly string[];
  acknowledge(acknowledgement: KillAcknowledgement): void;
  acknowledgements(killId: string): readonly KillAcknowledgement[];
  readState(key: string): StateEntry | undefined;
  writeState(key: string, value: string, seen: number): number | undefined;
  removeState(key: string, seen: number): boolean;
  stateKeys(prefix: string, limit: number | undefined): readonly string[];
  addMessages(messages: readonly OutboxMessage[]): void;
  claimMessages(topic: string, limit: number, leaseMs: number): readonly ClaimedMessage[];
  finishMessages(ids: readonly string[]): void;
  retryMessage(id: string, dueAtMs: number): void;
  countWaiting(topic: string): number;
  close(): void;
}
