import type { CallRecord } from "../call/call-record.ts";
import type { BreakerRules } from "./check-breaker-options.ts";

/** What the end of a call says about the model or tool: `nothing` neither opens nor closes. */
export type Verdict = "good" | "failed" | "nothing";

/**
 * Reads a verdict from how a call ended. What the caller did (a 4xx, an abort, arguments that a
 * tool did not like), what a cache answered and what we cut short say nothing: nobody can open a
 * circuit for others by bad requests.
 */
export function verdictOf({ outcome }: CallRecord, countToolErrors: boolean): Verdict {
  switch (outcome) {
    case "success":
      return "good";
    case "rate-limited":
    case "server-error":
    case "connection-error":
    case "timeout":
    case "failed":
      return "failed";
    case "tool-error":
      return countToolErrors ? "failed" : "nothing";
    case "cached":
    case "client-error":
    case "aborted":
    case "abandoned":
    case "killed":
    case "refused":
    case "released":
    case "unknown":
      return "nothing";
  }
}

/**
 * How long the provider asked everyone to stay away, at most `maxPauseMs`: a busy one that says so
 * has not failed. Undefined when it did not ask.
 */
export function pauseOf(
  { outcome, retryAfterMs }: CallRecord,
  { maxPauseMs }: BreakerRules,
): number | undefined {
  if (outcome !== "rate-limited" && outcome !== "server-error") return undefined;
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return undefined;
  return Math.min(Math.ceil(retryAfterMs), maxPauseMs);
}
