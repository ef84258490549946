import type { Permit } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";
import { fieldsOf } from "./sdk-types.ts";

/**
 * What providers throw before they send anything: a key is missing, an option is wrong, or the model
 * takes no such content.
 */
const UNMADE: ReadonlySet<unknown> = new Set([
  "AI_InvalidArgumentError",
  "AI_InvalidPromptError",
  "AI_LoadAPIKeyError",
  "AI_LoadSettingError",
  "AI_TooManyEmbeddingValuesForCallError",
  "AI_UnsupportedFunctionalityError",
]);
/** Status of an answer that costs nothing. */
const BAD_REQUEST = 400;

/**
 * What the application must hear. A provider that is cut by a kill reports an abort of its own
 * making; the kill is the truth. Everything else stays as it was.
 */
export function toError(error: unknown, permit: Permit): unknown {
  return cutReason(permit) ?? error;
}

/**
 * What the guard is told of an error. A request that a provider's package could not make was never
 * sent, so it counts as one that the provider turned down.
 */
export function toEnd(error: unknown): unknown {
  if (!UNMADE.has(fieldsOf(error)["name"])) return error;
  const unmade = new Error("The request could not be made.", { cause: error });
  return Object.assign(unmade, { status: BAD_REQUEST });
}
