import type { Guard, GuardError, OpenTask } from "@burnrate/core";
import { ambientRunId } from "./ambient-run.ts";
import { stateOf } from "./guard-state.ts";
import { openRunTask } from "./run-task.ts";
import { isObject, read, readText } from "./shape.ts";
import { isAbort, isBubbleUp } from "./to-error.ts";

/** One run of an agent, across its middleware hooks. */
export interface AgentRun {
  /** A refusal that was thrown and may have been swallowed by a retrying middleware around us. */
  refusal: GuardError | undefined;
  /**
   * The task that its next call is made in: its own, which begins with that, or that of a run around
   * it; undefined where the application has one.
   */
  openTask(): OpenTask | undefined;
  /** Runs a function in that task. */
  run<T>(fn: () => T): T;
  /** Ends the implicit task. */
  end(outcome: { readonly error: unknown } | { readonly output: unknown }): Promise<void>;
  /**
   * A model or a tool of it failed, which ends the run unless a middleware around us goes on. LangGraph
   * tells: it fires the step's signal when it is given the error.
   */
  failed(error: unknown, signal: unknown): Promise<void>;
}

/**
 * What is to be ended when nobody has a run any more. It holds no error, since the stack of one
 * holds what was called, and so the run.
 */
interface LeftRun {
  task: OpenTask | undefined;
  /** Of a model or a tool, after which the run may go on. */
  failure: { readonly message: string; readonly aborted: boolean } | undefined;
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
  const leftRuns = new FinalizationRegistry(endLeft);
  return (runtime) => {
    const key = writerOf(runtime);
    if (!isObject(key)) return createRun(guard, newRun(), () => undefined);
    let agents = runs.get(key);
    if (agents === undefined) {
      agents = new Map();
      runs.set(key, agents);
    }
    const place = placeOf(runtime);
    let run = agents.get(place);
    if (run === undefined) {
      const left = newRun();
      leftRuns.register(key, left);
      run = createRun(guard, left, () => openRunTask(guard, "agent"));
      agents.set(place, run);
    }
    return run;
  };
}

function newRun(): LeftRun {
  return { task: undefined, failure: undefined };
}

function endLeft({ task, failure }: LeftRun): void {
  if (failure === undefined) void task?.end({ aborted: true });
  else void task?.end({ error: new Error(failure.message), aborted: failure.aborted });
}

function writerOf(runtime: unknown): unknown {
  try {
    return isObject(runtime) ? runtime["writer"] : undefined;
  } catch {
    return undefined;
  }
}

/** The graph around a node: `""` for the outermost, `tools:…` for what a tool of that one runs. */
function placeOf(runtime: unknown): string {
  const node = nodeOf(runtime as Runtime | undefined);
  return typeof node === "string" ? node.slice(0, Math.max(0, node.lastIndexOf("|"))) : "";
}

interface Runtime {
  readonly configurable?: { readonly checkpoint_ns?: unknown };
}

/** Read where it stands: twice in each call of a model. */
function nodeOf(runtime: Runtime | null | undefined): unknown {
  try {
    return runtime?.configurable?.checkpoint_ns;
  } catch {
    return undefined;
  }
}

/** A signal that may still fire. */
function isLive(signal: unknown): signal is AbortSignal {
  return (
    read(signal, "aborted") === false && typeof read(signal, "addEventListener") === "function"
  );
}

function createRun(guard: Guard, left: LeftRun, open: () => OpenTask | undefined): AgentRun {
  const agentRun: AgentRun = {
    refusal: undefined,
    openTask() {
      left.failure = undefined;
      if (left.task !== undefined) return left.task;
      const shared = stateOf(guard).tasks.get(ambientRunId())?.task;
      if (shared !== undefined) return shared;
      left.task = open();
      return left.task;
    },
    run(fn) {
      const task = agentRun.openTask();
      return task === undefined ? fn() : task.run(fn);
    },
    async end(outcome) {
      const { task } = left;
      left.task = undefined;
      left.failure = undefined;
      await task?.end(
        "error" in outcome ? { ...outcome, aborted: saysNothing(outcome.error) } : outcome,
      );
    },
    async failed(error, signal) {
      if (left.task === undefined) return;
      if (!isLive(signal) || isBubbleUp(error)) {
        await agentRun.end({ error });
        return;
      }
      const failure = { message: readText(error, "message") ?? "", aborted: saysNothing(error) };
      left.failure = failure;
      const onAbort = (): void => {
        if (left.failure === failure) void agentRun.end({ error });
      };
      signal.addEventListener("abort", onAbort, { once: true });
    },
  };
  return agentRun;
}

/** The caller changed its mind, or the run waits for somebody. */
function saysNothing(error: unknown): boolean {
  return isAbort(error) || isBubbleUp(error);
}
