import type { CallRecord } from "../call/call-record.ts";
import type { MaybePromise } from "./maybe-promise.ts";

/** Hands records to another system. Called after the fact; its errors are counted, never heard. */
export interface Exporter {
  readonly name: string;
  /** Every call, once: also those that were refused (`outcome: "refused"`). */
  exportCall(record: CallRecord): void;
  /** A call exported as `unknown` ended after all: `record` takes the place of `before`. */
  correctCall?(record: CallRecord, before: CallRecord): void;
  flush?(): MaybePromise<void>;
  close?(): MaybePromise<void>;
}
