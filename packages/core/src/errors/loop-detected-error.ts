import { GuardError, type GuardErrorInit } from "./guard-error.ts";

/** `BR4003`: the agent repeats itself: the task is latched so that it cannot go on asking. */
export class LoopDetectedError extends GuardError {
  constructor(init: GuardErrorInit) {
    super("BR4003", init);
  }
}
