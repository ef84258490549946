import { isGuardError } from "@burnrate/core";

/** LangChain's mark on errors, registered so that all its copies agree. */
const RETRYABLE = Symbol.for("langchain.errors.retryable");

/**
 * Marks a refusal so that LangChain's own retries leave it alone: asking again gets the same
 * answer. The mark is not enumerable; other errors stay as they are.
 */
export function notRetryable<E>(error: E): E {
  if (!isGuardError(error)) return error;
  try {
    Object.defineProperty(error, RETRYABLE, { value: false, configurable: true });
  } catch {
    // a frozen error of another copy: a retry asks again, and is refused again
  }
  return error;
}
