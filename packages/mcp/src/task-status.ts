import { failure } from "./to-error.ts";

/** A tool call that goes on as a task of the server. */
export interface TaskCall {
  /** Whether an evaluator is to see the result, which is fetched by a request of its own. */
  readonly wantsOutput: boolean;
  keepAlive(): void;
  succeed(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** How a server answers about a task that it does not know, or no longer: "invalid params". */
export const NO_SUCH_TASK = -32_602;

const ENDED: ReadonlySet<unknown> = new Set(["completed", "failed", "cancelled"]);

/**
 * Ends a call when its task has ended, unless its result is still to be judged. True when it ended.
 */
export async function followTask(call: TaskCall, status: unknown): Promise<boolean> {
  if (!ENDED.has(status) || (status === "completed" && call.wantsOutput)) {
    call.keepAlive();
    return false;
  }
  if (status === "completed") await call.succeed();
  else await call.fail(failure(status === "cancelled" ? { name: "AbortError" } : {}));
  return true;
}
