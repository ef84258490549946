import type { CallRecord } from "../call/call-record.ts";
import type { Guard } from "../guard/guard.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Hands records to another system. Called after the fact; its errors are counted, never heard. */
export interface Exporter {
  readonly name: string;
  /**
   * Called when a guard is made with this exporter, before any call; by each guard that shares it.
   */
  attach?(guard: Guard): void;
  /**
   * Called at the end of that guard's `close()`: nothing comes from it any more, and an exporter
   * that outlives it need not keep it.
   */
  detach?(guard: Guard): void;
  /**
   * Called by `begin`, where the caller is: what it returns comes back as `captured`. For exporters
   * that join a call to the trace around it, which may be gone by the call's end. Must be quick;
   * what it throws is counted.
   */
  captureContext?(): unknown;
  /** Every call, once: also those that were refused (`outcome: "refused"`). */
  exportCall(record: CallRecord, captured?: unknown): void;
  /** A call exported as `unknown` ended after all: `record` takes the place of `before`. */
  correctCall?(record: CallRecord, before: CallRecord, captured?: unknown): void;
  flush?(): MaybePromise<void>;
  close?(): MaybePromise<void>;
}
