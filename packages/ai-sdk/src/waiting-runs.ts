import type { Run } from "./run.ts";

/** Tool calls that runs wait for; the run of the oldest is taken as ended beyond this. */
const MAX_WAITING = 10_000;

/**
 * Runs that wait for the results of their tool calls, by the calls' ids. Several may wait for one
 * id: some providers count them anew in each answer.
 */
export class WaitingRuns {
  readonly #runs = new Map<string, Set<Run>>();
  readonly #ids = new Map<Run, Set<string>>();
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

  /** A run waits for further tool calls. */
  add(run: Run, toolCallIds: readonly string[]): void {
    const ids = this.#ids.get(run) ?? new Set();
    this.#ids.set(run, ids);
    for (const id of toolCallIds) {
      if (ids.has(id)) continue;
      ids.add(id);
      const runs = this.#runs.get(id) ?? new Set();
      this.#runs.set(id, runs.add(run));
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
    const ids = this.#ids.get(run);
    if (ids === undefined) return;
    this.#ids.delete(run);
    this.#size -= ids.size;
    for (const id of ids) {
      const runs = this.#runs.get(id);
      runs?.delete(run);
      if (runs?.size === 0) this.#runs.delete(id);
    }
  }
}
