/**
 * Who makes a call, set by the application at a trusted edge and never read from model output,
 * tool arguments or metadata that a client supplies. Each text has 1 to 256 characters.
 */
export interface CallContext {
  /** The tenant: limits and caps are kept apart by it. Cannot change inside. */
  readonly org?: string;
  /** Cannot change inside. */
  readonly team?: string;
  /** Who is served, from your session and never from a request's body. Cannot change inside. */
  readonly user?: string;
  /** A path: `planner/researcher` is the researcher that the planner called. */
  readonly agent?: string;
  /** Of the agent's code or prompts, for records and labels of metrics. */
  readonly agentVersion?: string;
  /** A conversation or the like: what budgets and limits of a session add up. */
  readonly session?: string;
  /**
   * Id of the innermost task. `guard.task` sets it; a process that works for a task of another one
   * sets it with `guard.with`, so that kills and budgets of that task cover it.
   */
  readonly task?: string;
  /** An id of yours that records carry, such as that of the request. */
  readonly correlation?: string;
  /** `production`, `staging`: budgets can match it. */
  readonly environment?: string;
  /** More of yours that records carry: 32 at most. */
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
