import { LivelyMap } from "../bounded/lively-map.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import { TurnWaits } from "./turn-waits.ts";

/** A task that runs in this process. */
export interface RunningTask {
  /** Whose it is. */
  readonly org: string | undefined;
  /** Whose calls were made in it, where that is somebody else: it was set inside. */
  innerOrgs: Set<string> | undefined;
  /** The kill switch's version when it began. */
  readonly startedVersion: number;
  /** What its calls cost so far; undefined once one of them has no known price. */
  costNanoUsd: number | undefined;
  /** What its calls waited for their turn. */
  waits: TurnWaits | undefined;
}

/** Most tasks that run at a time; beyond it their cost is not summed and they count as new. */
const MAX_RUNNING = 100_000;
/** Most organisations that one task is known to have called for. */
const MAX_INNER_ORGS = 10_000;

/**
 * Tasks that run in this process, by id: what they cost so far and which kills they are older than.
 */
export class TaskRegistry {
  readonly #running = new LivelyMap<RunningTask>();

  /** How many tasks run. */
  get size(): number {
    return this.#running.size;
  }

  /** Whether a task runs here. */
  has(id: string): boolean {
    return this.#running.get(id) !== undefined;
  }

  /** Counts a task as running until `end`. */
  start(id: string, org: string | undefined, startedVersion: number): RunningTask {
    const task: RunningTask = {
      org,
      innerOrgs: undefined,
      startedVersion,
      costNanoUsd: 0,
      waits: undefined,
    };
    if (this.#running.size < MAX_RUNNING) this.#running.add(id, task);
    return task;
  }

  /** Forgets a task that has ended. */
  end(id: string): void {
    this.#running.delete(id);
  }

  /**
   * The kill switch's version when the outermost task that runs here began; infinite when none
   * does, as for a task of another process, about whose begin nothing is known.
   */
  startedVersion(frame: ContextFrame): number {
    for (const id of frame.tasks) {
      const task = this.#running.get(id);
      if (task !== undefined) return task.startedVersion;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Adds what a call cost, if that is known, to every task around it. */
  addCost({ tasks }: ContextFrame, nanoUsd: number | undefined): void {
    for (const id of tasks) {
      const task = this.#running.get(id);
      if (task?.costNanoUsd === undefined) continue;
      task.costNanoUsd = nanoUsd === undefined ? undefined : task.costNanoUsd + nanoUsd;
    }
  }

  /**
   * A call begins: whatever becomes of it, and when, what has counted it is to be forgotten with its
   * tasks.
   */
  noteCall({ tasks, context }: ContextFrame): void {
    for (const id of tasks) {
      const task = this.#running.get(id);
      if (task !== undefined && task.org !== context.org) noteOrg(task, context.org);
    }
  }

  /** A call waits for its turn in every task around it; returns what to say when it waits no more. */
  beginWait(frame: ContextFrame, by: string, nowMs: number): (nowMs: number) => void {
    const tasks = frame.tasks
      .map((id) => this.#running.get(id))
      .filter((task) => task !== undefined);
    for (const task of tasks) {
      task.waits ??= new TurnWaits();
      task.waits.begin(by, nowMs);
    }
    return (endMs) => {
      for (const { waits } of tasks) waits?.end(by, endMs);
    };
  }
}

function noteOrg(task: RunningTask, org: string | undefined): void {
  if (org === undefined) return;
  task.innerOrgs ??= new Set();
  if (task.innerOrgs.size < MAX_INNER_ORGS) task.innerOrgs.add(org);
}
