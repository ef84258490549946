import type { ContextFrame } from "../context/context-frame.ts";

/** A task that runs in this process. */
export interface RunningTask {
  /** The kill switch's version when it began. */
  readonly startedVersion: number;
  costNanoUsd: number;
}

/** Most tasks that run at a time; beyond it their cost is not summed and they count as new. */
const MAX_RUNNING = 100_000;

/** Tasks that run in this process, by id: what they cost so far and which kills they are older than. */
export class TaskRegistry {
  readonly #running = new Map<string, RunningTask>();

  get size(): number {
    return this.#running.size;
  }

  start(id: string, startedVersion: number): RunningTask {
    const task = { startedVersion, costNanoUsd: 0 };
    if (this.#running.size < MAX_RUNNING) this.#running.set(id, task);
    return task;
  }

  end(id: string): void {
    this.#running.delete(id);
  }

  startedVersion(frame: ContextFrame): number {
    const [outermost] = frame.tasks;
    if (outermost === undefined) return Number.POSITIVE_INFINITY;
    return this.#running.get(outermost)?.startedVersion ?? Number.POSITIVE_INFINITY;
  }

  addCost(frame: ContextFrame, nanoUsd: number): void {
    for (const id of frame.tasks) {
      const task = this.#running.get(id);
      if (task !== undefined) task.costNanoUsd += nanoUsd;
    }
  }
}
