import { hasPrivateState, holdsOnToItself, overlaid } from "./overlay.ts";
import { isObject, read } from "./shape.ts";

/** Under these names providers take an output limit. */
const LIMIT_KEYS = [
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "maxOutputTokens",
  "maxTokens",
  "max_tokens_to_sample",
  "num_predict",
] as const;
const NESTED = ["generationConfig", "options"] as const;
/** Unlikely to be anyone's own limit. */
const PROBE = 7_919;

const sendable = new WeakMap<object, boolean>();

/** The output limit that a request carries already; the largest, if it carries several. */
export function explicitLimit(params: unknown): number | undefined {
  let limit = limitIn(params, 0);
  for (const key of NESTED) limit = limitIn(read(params, key), limit);
  return limit === 0 ? undefined : limit;
}

/** Asked for each call: no lists are made. */
function limitIn(holder: unknown, least: number): number {
  if (!isObject(holder)) return least;
  let limit = least;
  for (const key of LIMIT_KEYS) {
    const value = read(holder, key);
    if (typeof value === "number" && Number.isSafeInteger(value) && value > limit) limit = value;
  }
  return limit;
}

/** How many answers one request asks for; each may be as long as the limit. */
export function choices(params: unknown): number {
  const counts = [read(params, "n"), read(params, "best_of")];
  return Math.max(1, ...counts.filter((n): n is number => Number.isSafeInteger(n)));
}

/**
 * Whether the model would send a limit that we set: tried on its own `invocationParams`, which is
 * what it sends, rather than believed of a class. One with `#private` fields cannot be overlaid, and
 * one whose own functions hold on to it may send from there, past the overlay.
 */
export function canSendLimit(model: object): boolean {
  const known = sendable.get(model);
  if (known !== undefined) return known;
  const overlayable = !hasPrivateState(model) && !holdsOnToItself(model);
  const answer = "maxTokens" in model && overlayable && probe(model);
  sendable.set(model, answer);
  return answer;
}

/** What the provider will be asked, or undefined when the model cannot say. */
export function invocationParams(model: object, options: unknown): unknown {
  const params = read(model, "invocationParams");
  if (typeof params !== "function") return undefined;
  try {
    return params.call(model, options);
  } catch {
    return undefined; // the model itself will say what is wrong with the options
  }
}

function probe(model: object): boolean {
  return explicitLimit(invocationParams(overlaid(model, { maxTokens: PROBE }), {})) === PROBE;
}
