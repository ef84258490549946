import { isGuardError } from "./guard-error.ts";

/**
 * Why something failed, in brackets, for the message of the error that tells of it. Only of our own
 * errors: a foreign one may say anything, secrets too.
 */
export function inOwnWords(error: unknown): string {
  return isGuardError(error)
    ? ` (${error.message.replace(/^BR\d{4} /, "").replace(/\.$/, "")})`
    : "";
}
