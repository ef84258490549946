import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR4001`: too many calls in a time span; `details.retryAfterMs` says when the next one fits. */
export class RateLimitedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR4001", init);
  }
}
