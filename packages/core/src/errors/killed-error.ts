import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/**
 * `BR1001`: a kill switch covers this call: nothing is sent until it is revived or its time to live
 * ends.
 */
export class KilledError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR1001", init);
  }
}
