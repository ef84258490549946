import { checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import type { CallContext } from "../context/call-context.ts";
import type { TaskInfo } from "./task.ts";

const CONTEXT_KEYS: readonly (keyof TaskInfo)[] = [
  "org",
  "team",
  "user",
  "agent",
  "agentVersion",
  "session",
  "correlation",
  "environment",
  "labels",
];

/** A task's info, read once and taken apart; values of the context are checked where it is extended. */
export interface CheckedTaskInfo {
  readonly name: string | undefined;
  readonly input: unknown;
  readonly context: CallContext;
}

/**
 * Reads what a task was opened with. Its id is ours to choose: a `task` in it is refused like any
 * other unknown key.
 * @throws {ConfigError} `BR9001`
 */
export function checkTaskInfo(info: TaskInfo): CheckedTaskInfo {
  const { name, input, ...context } = checkObject("task", info);
  refuseUnknownKeys("task", context, ["name", "input", ...CONTEXT_KEYS]);
  if (name !== undefined && typeof name !== "string") {
    throw optionError("task.name", name, "a string");
  }
  return { name, input, context };
}
