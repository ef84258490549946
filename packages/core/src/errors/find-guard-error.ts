import { type GuardError, isGuardError } from "./guard-error.ts";

/** Properties under which frameworks hide the error that they wrap. */
const WRAPPERS = [
  "cause",
  "lastError",
  "error",
  "toolError",
  "reason",
  "suppressed",
  "errors",
] as const;
const MAX_VISITED = 1_000;

/**
 * Finds our refusal inside whatever a framework made of it: `cause` chains, the AI SDK's
 * `RetryError`, tool-error parts, `AggregateError` of parallel nodes, the `SuppressedError` of
 * `await using`, arrays of content parts.
 * Safe on cycles, getters and proxies that throw, and huge graphs. Returns undefined when there is
 * none.
 *
 * @example
 * const refusal = findGuardError(error);
 * if (refusal?.code === "BR2001") showUpgradeDialog();
 */
export function findGuardError(error: unknown): GuardError | undefined {
  const seen = new Set<object>();
  const add = (value: unknown): void => {
    if (typeof value === "object" && value !== null && seen.size < MAX_VISITED) seen.add(value);
  };
  add(error);
  // A set is visited in the order of insertion, also what is added on the way.
  for (const value of seen) {
    if (isGuardError(value)) return value;
    for (const inner of wrappedIn(value)) add(inner);
  }
  return undefined;
}

/** What an object may wrap; a getter or proxy that throws hides nothing of ours. */
function wrappedIn(value: object): readonly unknown[] {
  try {
    if (Array.isArray(value)) return value.slice(0, MAX_VISITED);
  } catch {
    return [];
  }
  return WRAPPERS.map((key) => readQuietly(value, key));
}

function readQuietly(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
