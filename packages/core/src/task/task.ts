import type { CallContext } from "../context/call-context.ts";
import type { GivenSource } from "../evaluate/source.ts";

/** Names a task and, optionally, who it is for. */
export interface TaskInfo
  extends Pick<
    CallContext,
    | "org"
    | "team"
    | "user"
    | "agent"
    | "agentVersion"
    | "session"
    | "correlation"
    | "environment"
    | "labels"
  > {
  readonly name?: string;
  /** Given to evaluators `on: "task"`; never kept. */
  readonly input?: unknown;
}

/** The task handed to the function that runs in it. */
export interface Task {
  readonly id: string;
  readonly name: string | undefined;
  /** Counts the task as failed, though the function returns; `task-ended` tells the reason. */
  fail(reason: string): void;
  /** Counts the task neither as good nor as bad (a rehearsal, a user's cancellation). */
  exclude(): void;
  /**
   * What its answers may rely on besides what tools returned; see `Guard.addSources`. Never throws.
   */
  addSources(sources: readonly GivenSource[]): void;
}

/**
 * A task whose begin and end are told by events rather than by one function call (for adapters).
 */
export interface OpenTask extends Task {
  /** Whether an evaluator will look at what the task gives; else `end` needs no output. */
  readonly wantsOutput: boolean;
  /** Runs a function inside the task's context. */
  run<T>(fn: () => T): T;
  /**
   * Ends the task once; later calls do nothing. A refusal or error counts as failure, an abort by
   * the caller is excluded.
   */
  end(outcome?: {
    readonly error?: unknown;
    readonly output?: unknown;
    readonly aborted?: boolean;
  }): Promise<void>;
}
