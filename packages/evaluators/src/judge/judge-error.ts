/**
 * Why a judge gave no verdict: the model took too long (`timeout`), answered something that is no
 * verdict (`unreadable`), would not answer (`refused`), failed or was not reachable (`provider`),
 * or the caller went away (`aborted`).
 */
export type JudgeFailure = "timeout" | "unreadable" | "refused" | "provider" | "aborted";

/**
 * A judge was asked and has no verdict. Guards record it as an error, which is never a pass. The
 * message holds no word of the texts nor of the model's answer; `cause` is what the model threw.
 */
export class JudgeError extends Error {
  override readonly name = "JudgeError";
  readonly kind: JudgeFailure;

  constructor(kind: JudgeFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** Of a question that nobody waits for any more. */
export function abandoned(): JudgeError {
  return new JudgeError("aborted", "nobody waits for the verdict any more");
}
