import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR2001`: a budget has not enough left for what this call may cost at most. */
export class BudgetExceededError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR2001", init);
  }
}
