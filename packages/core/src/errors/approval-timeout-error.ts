import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR3003`: a human was asked and did not answer in time. */
export class ApprovalTimeoutError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR3003", init);
  }
}
