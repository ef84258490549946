import type { CallPurpose } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Refusal } from "./refusal.ts";

/**
 * Calls that a policy takes its time for, as a human does: a kill, or the guard's end, waits for
 * nobody.
 */
export class Deciding {
  readonly #looks = new Map<GuardedCall, () => void>();
  readonly #closed = new Map<CallPurpose, Refusal>();

  /** What is decided, or the kill that covers the call before, or that the guard closes. */
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
        const refusal = this.#closed.get(call.purpose) ?? checkKillSwitch(call, guard);
        if (refusal !== undefined) finish(refusal);
      };
      this.#looks.set(call, look);
      decided.then(finish, reject);
      const isNew = guard.killSwitch.version !== call.killVersion || this.#closed.size > 0;
      if (isNew) look(); // pulled, or closed, while it was asked
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

  /** Refuses calls of a purpose: nobody would hear what is decided. */
  close(purpose: CallPurpose, refusal: Refusal): void {
    this.#closed.set(purpose, refusal);
    this.killed();
  }
}
