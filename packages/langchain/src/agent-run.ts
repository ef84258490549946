import type { Guard, GuardError, OpenTask } from "@burnrate/core";
import { ambientRun } from "./ambient-run.ts";
import { stateOf } from "./guard-state.ts";
import { openRunTask } from "./run-task.ts";
import { isObject, read, readText } from "./shape.ts";
import { isAbort, isBubbleUp } from "./to-error.ts";

/** One run of an agent, across its middleware hooks. */
export interface AgentRun {
  /** A refusal that was thrown and may have been swallowed by a retrying middleware around us. */
  refusal: GuardError | undefined;
  /** Runs a function in the run's implicit task, if it has one. */
  run<T>(fn: () => T): T;
  /** Ends the implicit task; the run may go on in a new one (a retry around us). */
  end(outcome: { readonly error?: unknown; readonly output?: unknown }): Promise<void>;
}

/** Finds the run that a hook is called for. */
export type FindRun = (runtime: unknown) => AgentRun;

/**
 * Middleware hooks are told no run id. LangGraph makes one `writer` a run and hands it to every
 * hook, so it stands for the run; a run without it has no implicit task. Sub-agents get it, too: what
 * tells them apart is where in the graph they are.
 */
export function agentRuns(guard: Guard): FindRun {
  const runs = new WeakMap<object, Map<string, AgentRun>>();
  return (runtime) => {
    const key = read(runtime, "writer");
    if (!isObject(key)) return createRun(guard, () => undefined);
    const agents = runs.get(key) ?? new Map<string, AgentRun>();
    runs.set(key, agents);
    const place = placeOf(runtime);
    const run = agents.get(place) ?? createRun(guard, () => openRunTask(guard, "agent"));
    agents.set(place, run);
    return run;
  };
}

/** The graph around a node: `""` for the outermost, `tools:…` for what a tool of that one runs. */
function placeOf(runtime: unknown): string {
  const node = readText(read(runtime, "configurable"), "checkpoint_ns") ?? "";
  return node.slice(0, Math.max(0, node.lastIndexOf("|")));
}

function createRun(guard: Guard, open: () => OpenTask | undefined): AgentRun {
  let own: OpenTask | undefined;
  return {
    refusal: undefined,
    run(fn) {
      if (own === undefined) {
        const shared = stateOf(guard).tasks.get(ambientRun().runId)?.task;
        if (shared !== undefined) return shared.run(fn);
        own = open();
      }
      return own === undefined ? fn() : own.run(fn);
    },
    async end(outcome) {
      const task = own;
      own = undefined;
      await task?.end({ ...outcome, aborted: isAbort(outcome.error) || isBubbleUp(outcome.error) });
    },
  };
}
