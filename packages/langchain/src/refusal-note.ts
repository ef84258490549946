import { AsyncLocalStorage } from "node:async_hooks";
import { noteNeverSent } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";

/** The refusal of the newest call of a model, if it was refused. */
export interface RefusalNote {
  refusal: unknown;
}

const notes = new AsyncLocalStorage<RefusalNote>();

/** Runs a function and notes how the calls of guarded models inside it were decided. */
export function noteRefusals<T>(note: RefusalNote, fn: () => T): T {
  return notes.run(note, fn);
}

/** Notes that a call was refused, or with undefined that it was admitted. */
export function noteRefusal(refusal: unknown): void {
  const note = notes.getStore();
  if (note !== undefined) note.refusal = refusal;
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
