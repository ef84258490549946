import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/**
 * `BR9001`: an option or argument is wrong: says which, what was given, what is allowed, and the
 * nearest valid spelling.
 */
export class ConfigError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR9001", init);
  }
}
