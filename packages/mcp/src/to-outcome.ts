import { type CallResult, type GuardError, isGuardError } from "@burnrate/core";
import { isNeverSent, noteNeverSent } from "./never-sent.ts";
import { read } from "./shape.ts";
import { toSources } from "./to-sources.ts";

/** What a refusal looks like to a model. */
export interface DeniedResult {
  readonly isError: true;
  readonly content: readonly [{ readonly type: "text"; readonly text: string }];
}

/** A result that says `isError` is an answer, and a failed call. */
export function toResult(
  result: unknown,
  wantsOutput: boolean,
  wantsSources: boolean = wantsOutput,
): CallResult {
  const outcome = read(result, "isError") === true ? "tool-error" : "success";
  if (!wantsOutput) return { outcome };
  return wantsSources
    ? { outcome, output: result, sources: toSources(result) }
    : { outcome, output: result };
}

/**
 * A refusal as a tool result for the model to read: its own message and nothing else. Any other
 * error is thrown on, and so is a mistake in the application's configuration.
 */
export function toDenied(error: unknown): DeniedResult {
  const refusal = refusalIn(error);
  if (refusal === undefined) throw error;
  const denied: DeniedResult = {
    isError: true,
    content: [{ type: "text", text: refusal.message }],
  };
  return isNeverSent(refusal) ? noteNeverSent(denied) : denied;
}

function refusalIn(error: unknown): GuardError | undefined {
  try {
    return isGuardError(error) && error.code !== "BR9001" ? error : undefined;
  } catch {
    return undefined; // an error that cannot even be looked at is not ours
  }
}
