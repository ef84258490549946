import type { ActionRunner } from "./action-runner.ts";
import type { ReadWrite } from "./timed-store.ts";

const PREFIX = "burnrate:slo:revived:";
const REVIVED = "revived";
const OVER = "over";

/**
 * Remembers in the state port that somebody revived what an objective killed, until the objective
 * was quiet: a process that starts while it still burns must not kill again what a person let run.
 */
export class ReviveMemory {
  readonly #runner: ActionRunner;
  readonly #key: string;
  /** What the port says as far as we know; undefined before it was asked. */
  #stored: boolean | undefined;

  constructor(runner: ActionRunner) {
    this.#runner = runner;
    this.#key = PREFIX + runner.objective.name;
  }

  /** Takes over what is stored when it is asked first; afterwards tells what changed here. */
  async exchange(store: ReadWrite): Promise<void> {
    const runner = this.#runner;
    if (!runner.canKill || runner.isRevived === this.#stored) return;
    const entry = await store.read(this.#key);
    if (this.#stored === undefined) {
      this.#stored = entry?.value === REVIVED;
      if (this.#stored) runner.takeForRevived();
    }
    const { isRevived } = runner;
    if (isRevived === this.#stored) return;
    const value = isRevived ? REVIVED : OVER;
    const written = await store.write(this.#key, value, entry?.revision ?? 0);
    if (written !== undefined) this.#stored = isRevived;
  }
}
