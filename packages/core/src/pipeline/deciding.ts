import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Refusal } from "./refusal.ts";

/** Calls that a policy takes its time for, as a human does: a kill waits for nobody. */
export class Deciding {
  readonly #looks = new Map<GuardedCall, () => void>();

  /** What is decided, or the kill that covers the call before. */
  wait(
    decided: Promise<Refusal | undefined>,
    call: GuardedCall,
    guard: GuardRuntime,
  ): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      const finish = (refusal: Refusal | undefined): void => {
        this.leave(call);
        resolve(refusal);
      };
      const look = (): void => {
        const refusal = checkKillSwitch(call, guard);
        if (refusal !== undefined) finish(refusal);
      };
      this.#looks.set(call, look);
      decided.then(finish, reject);
      if (guard.killSwitch.version !== call.killVersion) look(); // pulled while it was asked
    });
  }

  /** A call that is over, whose policy may never answer. */
  leave(call: GuardedCall): void {
    this.#looks.delete(call);
  }

  /** There is a new kill. */
  killed(): void {
    for (const look of this.#looks.values()) look();
  }
}
