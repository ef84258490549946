import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { checkKillSwitch } from "./check-kill-switch.ts";
import type { Refusal } from "./refusal.ts";

/** Calls that a policy takes its time for, as a human does: a kill waits for nobody. */
export class Deciding {
  readonly #looks = new Set<() => void>();

  /** What is decided, or the kill that covers the call before. */
  wait(
    decided: Promise<Refusal | undefined>,
    call: GuardedCall,
    guard: GuardRuntime,
  ): Promise<Refusal | undefined> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const refusal = call.state === "ended" ? undefined : checkKillSwitch(call, guard);
        if (refusal === undefined && call.state !== "ended") return;
        this.#looks.delete(look);
        resolve(refusal);
      };
      this.#looks.add(look);
      decided.finally(() => this.#looks.delete(look)).then(resolve, reject);
    });
  }

  /** There is a new kill. */
  killed(): void {
    for (const look of this.#looks) look();
  }
}
