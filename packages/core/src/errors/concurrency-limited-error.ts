import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR4002`: too many calls at the same time. */
export class ConcurrencyLimitedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR4002", init);
  }
}
