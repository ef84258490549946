import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR5001`: the provider or tool fails too often; its circuit is open. */
export class CircuitOpenError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR5001", init);
  }
}
