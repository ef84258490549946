import { checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { optionError } from "../config/option-error.ts";
import { type CallContext, CONTEXT_FIELDS } from "../context/call-context.ts";
import type { TaskInfo } from "./task.ts";

const AN_INFO = 'an object such as { name: "refund", agent: "support" }';
/** A task's id is ours to choose. */
const CONTEXT_KEYS = CONTEXT_FIELDS.filter((field) => field !== "task");

/**
 * A task's info, read once and taken apart; values of the context are checked where it is extended.
 */
export interface CheckedTaskInfo {
  readonly name: string | undefined;
  readonly input: unknown;
  /** Undefined when the info says nothing about it. */
  readonly context: CallContext | undefined;
}

/**
 * Reads what a task was opened with. Its id is ours to choose: a `task` in it is refused like any
 * other unknown key.
 * @throws {ConfigError} `BR9001`
 */
export function checkTaskInfo(info: TaskInfo): CheckedTaskInfo {
  const alone = nameAlone(info);
  if (alone !== undefined) return { name: alone, input: undefined, context: undefined };
  const { name, input, ...context } = checkObject("task", info, AN_INFO);
  refuseUnknownKeys("task", context, ["name", "input", ...CONTEXT_KEYS]);
  if (name !== undefined && typeof name !== "string") {
    throw optionError("task.name", name, "a string");
  }
  return { name, input, context };
}

/**
 * The name, when that is all there is, as in the tasks that adapters open: looking for more costs
 * 0.4 µs.
 */
function nameAlone(info: TaskInfo): string | undefined {
  try {
    let named = false;
    for (const key in info) {
      if (key !== "name") return undefined;
      named = true;
    }
    const name: unknown = named ? info.name : undefined;
    return typeof name === "string" ? name : undefined;
  } catch {
    return undefined; // whoever reads it next says what is wrong
  }
}
