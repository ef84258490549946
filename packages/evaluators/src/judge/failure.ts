import { findGuardError } from "@burnrate/core";
import { read } from "../shape.ts";
import { JudgeError } from "./judge-error.ts";

/** An attempt that brought no verdict, and whether another one may. */
export interface Failure {
  readonly error: JudgeError;
  readonly retryable: boolean;
  /** How long the provider asked to be left alone. */
  readonly retryAfterMs: number;
}

const RETRYABLE_STATUS: readonly unknown[] = [408, 409, 425, 429];
/** The client below `ChatOpenAI` parses answers itself and throws when it cannot. */
const CLIENT_ERRORS: Readonly<Record<string, "unreadable" | "refused">> = {
  SyntaxError: "unreadable",
  LengthFinishReasonError: "unreadable",
  ContentFilterFinishReasonError: "refused",
};
const CLIENT_MESSAGES = {
  unreadable: "the judge answered something that its client could not parse",
  refused: "the judge would not answer",
} as const;
const MAX_RETRY_AFTER_S = 1_000_000;

/**
 * Sorts what an attempt threw. Another answer may be readable, and a busy or broken provider may
 * recover; a refusal of a guard, of the model or for a wrong request would only be said again.
 */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof JudgeError) {
    return { error: thrown, retryable: thrown.kind === "unreadable", retryAfterMs: 0 };
  }
  const refusal = findGuardError(thrown);
  if (refusal !== undefined) {
    const message = `the guard refused the judge's call with ${refusal.code}`;
    return { error: new JudgeError("refused", message, thrown), retryable: false, retryAfterMs: 0 };
  }
  const client = CLIENT_ERRORS[thrown instanceof Error ? thrown.constructor.name : ""];
  if (client !== undefined) {
    const error = new JudgeError(client, CLIENT_MESSAGES[client], thrown);
    return { error, retryable: client === "unreadable", retryAfterMs: 0 };
  }
  const status = statusOf(thrown);
  const what = status === undefined ? "failed" : `failed with status ${status}`;
  return {
    error: new JudgeError("provider", `the judge's call ${what}`, thrown),
    retryable: status === undefined || status >= 500 || RETRYABLE_STATUS.includes(status),
    retryAfterMs: retryAfterMs(thrown),
  };
}

/** `statusCode` of the AI SDK, `status` of the clients below LangChain. */
function statusOf(error: unknown): number | undefined {
  const places = [error, read(error, "response"), read(error, "cause")];
  const held = places.flatMap((place) => [read(place, "statusCode"), read(place, "status")]);
  return held.find((status): status is number => Number.isSafeInteger(status));
}

/** The header `Retry-After` in seconds; a date in it is left to the backoff. */
function retryAfterMs(error: unknown): number {
  const places = [error, read(error, "response"), read(error, "cause")];
  for (const place of places) {
    for (const headers of [read(place, "responseHeaders"), read(place, "headers")]) {
      const value =
        headers instanceof Headers ? headers.get("retry-after") : read(headers, "retry-after");
      const seconds = Number(value ?? Number.NaN);
      if (seconds >= 0 && seconds < MAX_RETRY_AFTER_S) return Math.ceil(seconds * 1_000);
    }
  }
  return 0;
}
