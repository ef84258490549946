/** Fields that a kill can name; several together mean all of them at once. */
export interface KillScope {
  readonly org?: string;
  readonly team?: string;
  readonly user?: string;
  /** An agent path; its sub-agents are covered too. */
  readonly agent?: string;
  readonly session?: string;
  readonly task?: string;
  /** A tool's name or glob. */
  readonly tool?: string;
  /** A model id or glob; matches the raw and the canonical id. */
  readonly model?: string;
  /** A provider or glob; matches the raw and the canonical name. */
  readonly provider?: string;
  /** Id of a budget: covers every call that the budget applies to. */
  readonly budget?: string;
}

/** `"everything"` is the global kill; an empty scope is an error, so that nobody means less. */
export type KillTarget = "everything" | KillScope;

/**
 * How hard to stop. `throttle`: one call at a time in each process, the others wait. `drain`:
 * running tasks may finish, with new calls; no new task. `stop`: no new call, calls in flight
 * finish. `abort`: calls in flight are cut too.
 */
export type KillLevel = "throttle" | "drain" | "stop" | "abort";
