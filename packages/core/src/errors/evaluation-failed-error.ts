import type { CallRecord } from "../call/call-record.ts";
import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/**
 * `BR6001`: a required evaluator failed, threw, timed out or was unsure. The call itself was made
 * and paid for, so the error carries its settled `record`.
 */
export class EvaluationFailedError extends GuardError {
  readonly record: CallRecord | undefined;

  constructor(init: GuardErrorInit & { readonly record?: CallRecord }) {
    super("BR6001", init);
    this.record = init.record;
  }
}
