import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR4004`: agents delegate to agents deeper than allowed. */
export class DelegationDepthError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR4004", init);
  }
}
