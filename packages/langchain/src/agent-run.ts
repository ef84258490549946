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
  /** Ends the implicit task. */
  end(outcome: AgentOutcome): Promise<void>;
  /**
   * A model or a tool of it failed, which ends the run unless a middleware around us goes on. LangGraph
   * tells: it fires the step's signal when it is given the error.
   */
  failed(error: unknown, signal: unknown): Promise<void>;
}

/** How a run ended, as far as a hook can tell. */
interface AgentOutcome {
  readonly error?: unknown;
  readonly output?: unknown;
  /** Nobody said how. */
  readonly abandoned?: boolean;
}

/** Finds the run that a hook is called for. */
export type FindRun = (runtime: unknown) => AgentRun;

/**
 * Middleware hooks are told no run id. LangGraph makes one `writer` a run and hands it to every
 * hook, so it stands for the run; a run without it has no implicit task. Sub-agents get it, too:
 * what tells them apart is where in the graph they are. No hook hears of a run that something else
 * ends (an error or a jump of another middleware, the limit of recursion): it is over when nobody
 * has its writer any more.
 */
export function agentRuns(guard: Guard): FindRun {
  const runs = new WeakMap<object, Map<string, AgentRun>>();
  const abandoned = new FinalizationRegistry<Map<string, AgentRun>>((agents) => {
    for (const run of agents.values()) void run.end({ abandoned: true });
  });
  return (runtime) => {
    const key = read(runtime, "writer");
    if (!isObject(key)) return createRun(guard, () => undefined);
    let agents = runs.get(key);
    if (agents === undefined) {
      agents = new Map();
      runs.set(key, agents);
      abandoned.register(key, agents);
    }
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

/** A signal that may still fire. */
function isLive(signal: unknown): signal is AbortSignal {
  return (
    read(signal, "aborted") === false && typeof read(signal, "addEventListener") === "function"
  );
}

function createRun(guard: Guard, open: () => OpenTask | undefined): AgentRun {
  let own: OpenTask | undefined;
  /** Of a model or a tool, after which the run may go on. */
  let failure: { readonly error: unknown } | undefined;
  const agentRun: AgentRun = {
    refusal: undefined,
    run(fn) {
      failure = undefined;
      if (own === undefined) {
        const shared = stateOf(guard).tasks.get(ambientRun().runId)?.task;
        if (shared !== undefined) return shared.run(fn);
        own = open();
      }
      return own === undefined ? fn() : own.run(fn);
    },
    async end(told) {
      const given = told.abandoned === true ? (failure ?? told) : told;
      const { abandoned = false, ...outcome }: AgentOutcome = given;
      const task = own;
      own = undefined;
      failure = undefined;
      const aborted = abandoned || isAbort(outcome.error) || isBubbleUp(outcome.error);
      await task?.end({ ...outcome, aborted });
    },
    async failed(error, signal) {
      if (own === undefined) return;
      if (!isLive(signal) || isBubbleUp(error)) {
        await agentRun.end({ error });
        return;
      }
      const pending = { error };
      failure = pending;
      const onAbort = (): void => {
        if (failure === pending) void agentRun.end(pending);
      };
      signal.addEventListener("abort", onAbort, { once: true });
    },
  };
  return agentRun;
}
