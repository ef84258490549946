import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/**
 * `BR2002`: a money budget applies and the model has no known price, so its cost cannot be bounded.
 */
export class UnknownPriceError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR2002", init);
  }
}
