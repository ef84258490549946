import { currentNote } from "@burnrate/core/adapter";
import { noteNeverSent } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";

/**
 * The refusal of the newest call of a guarded model, if it was refused: noted for the middleware
 * around it.
 */
export interface RefusalNote {
  refusal: unknown;
}

/** Notes that a call was refused, or with undefined that it was admitted. */
export function noteRefusal(refusal: unknown): void {
  const note = currentNote();
  if (note !== undefined) (note as RefusalNote).refusal = refusal;
}

/**
 * Notes how a call was refused before anything of it was sent, and gives what to throw: LangChain's
 * retries leave it alone.
 */
export function refusedWith(error: unknown): unknown {
  noteRefusal(error);
  noteNeverSent(error);
  return notRetryable(error);
}
