import type { Guard, OpenTask } from "@burnrate/core";
import { isObject, readText } from "./shape.ts";
import { isAbort, isBubbleUp, isTimeout } from "./to-error.ts";

const MAX_NAME = 256;
/** Nobody changed their mind, the provider was too slow. */
const TIMED_OUT = new Error("The run has timed out.");

/** Opens the implicit task of a framework run, unless the application opened one. */
export function openRunTask(guard: Guard, name: string | undefined): OpenTask | undefined {
  if (guard.context().task !== undefined) return undefined;
  return guard.openTask(name === undefined ? {} : { name: name.slice(0, MAX_NAME) });
}

/** Ends the task of a run that threw; `signal` is its caller's. */
export function endFailed(task: OpenTask, error: unknown, signal: unknown): Promise<void> {
  // LangChain tells a run of an abort, whatever its signal fired for.
  const failure = isAbort(error) && isTimeout(signal) ? TIMED_OUT : error;
  return task.end({ error: failure, aborted: isAbort(failure) || isBubbleUp(failure) });
}

/** The name of a run or tool as LangChain's start events give it. */
export function readRunName(runName: unknown, serialized: unknown): string {
  if (typeof runName === "string" && runName !== "") return runName;
  if (!isObject(serialized)) return "unknown";
  try {
    const { name, kwargs, id } = serialized;
    if (typeof name === "string" && name !== "") return name;
    const last: unknown = Array.isArray(id) ? id.at(-1) : undefined;
    return readText(kwargs, "name") ?? (typeof last === "string" ? last : "unknown");
  } catch {
    return "unknown";
  }
}
