import type { Run } from "./run.ts";

/** Tool calls that runs wait for; the run of the oldest is taken as ended beyond this. */
const MAX_WAITING = 10_000;

/**
 * Runs that wait for the results of their tool calls, by the calls' ids. Several may wait for one
 * id: some providers count them anew in each answer.
 */
export class WaitingRuns {
  readonly #runs = new Map<string, Set<Run>>();
  #size = 0;

  /** So that most requests need not be searched for answers. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Nobody, where two runs wait for one id: a wrong guess would mix what they know. */
  onlyOneFor(toolCallId: string | undefined): Run | undefined {
    if (toolCallId === undefined) return undefined;
    const runs = this.#runs.get(toolCallId);
    if (runs?.size !== 1) return undefined;
    const [only] = runs;
    return only;
  }

  /** A run waits for the tool calls of its newest step, or for some of them. */
  add(run: Run, toolCallIds: readonly string[] = run.toolCallIds): void {
    for (const id of toolCallIds) {
      const runs = this.#runs.get(id) ?? new Set();
      this.#runs.set(id, runs);
      if (runs.has(run)) continue;
      runs.add(run);
      this.#size++;
    }
    while (this.#size > MAX_WAITING) {
      const [[oldest] = []] = this.#runs.values();
      if (oldest === undefined) return;
      oldest.end();
      this.delete(oldest);
    }
  }

  /** It waits no more. */
  delete(run: Run): void {
    for (const id of run.toolCallIds) {
      const runs = this.#runs.get(id);
      if (runs?.delete(run) !== true) continue;
      this.#size--;
      if (runs.size === 0) this.#runs.delete(id);
    }
  }
}
