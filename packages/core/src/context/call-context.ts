/**
 * Who makes a call, set by the application at a trusted edge and never read from model output,
 * tool arguments or metadata that a client supplies.
 */
export interface CallContext {
  readonly org?: string;
  readonly team?: string;
  readonly user?: string;
  /** A path: `planner/researcher` is the researcher that the planner called. */
  readonly agent?: string;
  readonly agentVersion?: string;
  readonly session?: string;
  /**
   * Id of the innermost task. `guard.task` sets it; a process that works for a task of another one
   * sets it with `guard.with`, so that kills and budgets of that task cover it.
   */
  readonly task?: string;
  readonly correlation?: string;
  readonly environment?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The names of its fields that are texts: all but `labels`. */
export const CONTEXT_TEXTS: readonly Exclude<keyof CallContext, "labels">[] = [
  "org",
  "team",
  "user",
  "agent",
  "agentVersion",
  "session",
  "task",
  "correlation",
  "environment",
];

/** The names of all its fields. */
export const CONTEXT_FIELDS: readonly string[] = [...CONTEXT_TEXTS, "labels"];
