import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR7001`: the tool changed since it was reviewed. */
export class ToolQuarantinedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR7001", init);
  }
}
