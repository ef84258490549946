import { type GuardError, isGuardError } from "./guard-error.ts";

/** Properties under which frameworks hide the error that they wrap. */
const WRAPPERS = ["cause", "lastError", "error", "toolError", "reason", "errors"] as const;
const MAX_VISITED = 1_000;

/**
 * Finds our refusal inside whatever a framework made of it: `cause` chains, the AI SDK's
 * `RetryError`, tool-error parts, `AggregateError` of parallel nodes, arrays of content parts.
 * Safe on cycles, getters that throw and huge graphs. Returns undefined when there is none.
 *
 * @example
 * const refusal = findGuardError(error);
 * if (refusal?.code === "BR2001") showUpgradeDialog();
 */
export function findGuardError(error: unknown): GuardError | undefined {
  const queue: unknown[] = [error];
  const seen = new Set<unknown>();
  for (let index = 0; index < queue.length && index < MAX_VISITED; index++) {
    const value = queue[index];
    if (isGuardError(value)) return value;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) queue.push(...value.slice(0, MAX_VISITED));
    else for (const key of WRAPPERS) queue.push(readQuietly(value, key));
  }
  return undefined;
}

function readQuietly(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
