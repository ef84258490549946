import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/**
 * `BR8001`: state that money or kills depend on cannot be reached or has no room: refused, because
 * guessing would be unsafe.
 */
export class StoreUnavailableError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR8001", init);
  }
}
