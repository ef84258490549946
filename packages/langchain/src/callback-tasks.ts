import type { Guard, OpenTask } from "@burnrate/core";
import type { GuardState, RunTask } from "./guard-state.ts";
import { LoneRun } from "./lone-run.ts";
import { openRunTask, readRunName } from "./run-task.ts";
import { isObject } from "./shape.ts";

/** What a start event says of a run, besides its id. */
export interface StartedRun {
  readonly parentRunId: unknown;
  readonly runName: unknown;
  readonly serialized: unknown;
  readonly signal?: unknown;
  /** Something of LangChain's is around that no callback of the guard was told of. */
  readonly isInside?: boolean;
}

/** The tasks of the runs that a guard's callbacks are told of. */
export interface CallbackTasks {
  /** The run's own task, not that of a run around it. */
  own(runId: string): RunTask | undefined;
  /** The task of a model, tool or retriever; one of its own where no run is around it. */
  join(runId: string, run: StartedRun): OpenTask | undefined;
  /**
   * The task of a chain, graph or agent, likewise. LangChain tells nobody of a run whose stream is
   * left: it is over when nobody has its metadata any more, which its manager keeps till then.
   */
  joinChain(runId: string, run: StartedRun, metadata: unknown): void;
  /** Forgets a model, tool or retriever that is over; gives what its end must end, too. */
  takeLone(runId: string): LoneRun | undefined;
}

export function createCallbackTasks(guard: Guard, state: GuardState): CallbackTasks {
  const { tasks } = state;
  /** The task of the run around; undefined where no callback was told of that. */
  const inherit = (runId: string, parentRunId: unknown, signal?: unknown): OpenTask | undefined => {
    const run = tasks.get(typeof parentRunId === "string" ? parentRunId : undefined);
    if (run === undefined) return undefined;
    if (signal !== undefined) run.signal = signal;
    tasks.set(runId, run);
    return run.task;
  };
  const open = (
    runId: string,
    { runName, serialized, signal }: StartedRun,
    isLone: boolean,
  ): OpenTask | undefined => {
    const task = openRunTask(guard, readRunName(runName, serialized));
    if (task === undefined) return undefined;
    const lone = isLone ? new LoneRun(state, task, signal) : undefined;
    tasks.set(runId, { task, ownerRunId: runId, paused: false, signal, lone });
    return task;
  };
  return {
    own(runId) {
      const run = tasks.get(runId);
      return run?.ownerRunId === runId ? run : undefined;
    },
    join(runId, run) {
      const known = tasks.get(runId); // another callback of this guard was told before
      if (known !== undefined) return known.task;
      const inherited = inherit(runId, run.parentRunId, run.signal);
      return inherited !== undefined || run.isInside ? inherited : open(runId, run, true);
    },
    joinChain(runId, run, metadata) {
      if (tasks.get(runId) !== undefined) return;
      if (inherit(runId, run.parentRunId) !== undefined) return;
      open(runId, run, false);
      const task = tasks.get(runId)?.task;
      if (task !== undefined && isObject(metadata)) {
        state.leftRuns.register(metadata, { task, ownerRunId: runId });
      }
    },
    takeLone(runId) {
      const run = tasks.take(runId);
      return run?.ownerRunId === runId ? run.lone : undefined;
    },
  };
}
