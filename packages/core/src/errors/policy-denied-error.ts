import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR3001`: a policy rule, or the `authorize` port, said no. */
export class PolicyDeniedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR3001", init);
  }
}
