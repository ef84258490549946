import type { Guard, OpenTask, Permit } from "@burnrate/core";
import { ambientRunId, isInsideRun } from "./ambient-run.ts";
import type { GuardState } from "./guard-state.ts";
import { endFailed, openRunTask } from "./run-task.ts";
import { readText } from "./shape.ts";
import { answerOf } from "./to-outcome.ts";

/** A call, with the permit of its newest attempt. */
interface FollowedCall {
  readonly permit: Permit | undefined;
}

/**
 * A model, a tool or embeddings that the application calls by themselves: a run of LangChain's like
 * a chain, with an implicit task of its own. It ends once, whoever is the first to know how; when
 * nobody is (a stream that is never read), with what the sweeper makes of its call.
 */
export class LoneRun {
  readonly task: OpenTask;
  readonly #running: Set<LoneRun>;
  readonly #signal: unknown;
  #call: FollowedCall | undefined;

  constructor({ loneRuns }: GuardState, task: OpenTask, signal: unknown) {
    this.task = task;
    this.#running = loneRuns;
    this.#signal = signal;
  }

  /** For a call whose end may never be told: the run is over when the sweeper ends that. */
  follow(call: FollowedCall): void {
    this.#call = call;
    this.#running.add(this);
  }

  follows(callId: string): boolean {
    return this.#call?.permit?.id === callId;
  }

  /** @throws {EvaluationFailedError} `BR6001` when a required evaluator of the task says so. */
  end(output: unknown): Promise<void> {
    this.#running.delete(this);
    return this.task.end(output === undefined ? {} : { output });
  }

  /**
   * With what a model answered, which is put together only where somebody looks.
   * @throws {EvaluationFailedError} `BR6001`, likewise.
   */
  answered(result: unknown): Promise<void> {
    return this.end(this.task.wantsOutput ? answerOf(result) : undefined);
  }

  fail(error: unknown): Promise<void> {
    this.#running.delete(this);
    return endFailed(this.task, error, this.#signal);
  }

  /** Nobody knows how it went on. */
  abandon(): void {
    this.#running.delete(this);
    void this.task.end({ aborted: true });
  }
}

/** The run around a call: which task that belongs to, and what ends with it. */
export interface CallRun {
  readonly task: OpenTask | undefined;
  /** Where the run is this call alone. */
  readonly lone: LoneRun | undefined;
}

/**
 * The run that a model or tool is called in, or one of its own: by LangChain's manager of it, or by
 * its context, since version 3 of event streams hands models no manager.
 */
export function runOf(
  guard: Guard,
  state: GuardState,
  runManager: unknown,
  name: string,
  signal: unknown,
): CallRun {
  const { tasks } = state;
  const runId = readText(runManager, "runId");
  const run =
    tasks.get(runId) ??
    tasks.get(readText(runManager, "_parentRunId")) ??
    tasks.get(ambientRunId());
  if (run !== undefined) {
    return { task: run.task, lone: run.ownerRunId === runId ? run.lone : undefined };
  }
  const lone = openLoneRun(guard, state, name, signal);
  return { task: lone?.task, lone };
}

/**
 * Opens a run of one call; undefined inside of an application's task, and inside of something of
 * LangChain's that this hook is told nothing of (a graph, a tool, a function in a chain): were each
 * call in there a task, no budget `/task` would bound the loop that makes them.
 */
function openLoneRun(
  guard: Guard,
  state: GuardState,
  name: string,
  signal: unknown,
): LoneRun | undefined {
  if (isInsideRun()) return undefined;
  const task = openRunTask(guard, name);
  return task === undefined ? undefined : new LoneRun(state, task, signal);
}
