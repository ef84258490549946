import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR3002`: a human was asked and refused. */
export class ApprovalDeniedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR3002", init);
  }
}
