import { StoreUnavailableError, systemClock } from "@burnrate/core";
import { inTime, LATE } from "@burnrate/core/adapter";

/** Longest wait for an answer, in ms. */
const ANSWER_MS = 5_000;

/**
 * Waits for an answer, but not for ever, as drivers do for a server that froze or a connection that
 * a network has dropped without a word. What was asked may still be done.
 *
 * @throws {StoreUnavailableError} `BR8001`
 */
export async function within<T>(answer: Promise<T>, answerMs: number = ANSWER_MS): Promise<T> {
  const answered = await inTime(systemClock, answerMs, () => answer);
  if (answered === LATE) throw tooLate(answerMs);
  return answered;
}

function tooLate(answerMs: number): StoreUnavailableError {
  return new StoreUnavailableError({
    message: `The PostgreSQL store did not answer within ${answerMs} ms: check that the server runs, and the pool's host and port.`,
    scope: "store-postgres",
    details: { code: "timeout" },
  });
}
