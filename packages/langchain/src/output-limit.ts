import { hasPrivateState, holdsOnToItself, overlaid } from "./overlay.ts";
import { isObject, read, readable } from "./shape.ts";

/** Unlikely to be anyone's own limit. */
const PROBE = 7_919;

const sendable = new WeakMap<object, boolean>();

/**
 * The output limit that a request carries already; the largest, if it carries several. Asked for
 * each call: fields are read where they stand, where the engine knows what is read.
 */
export function explicitLimit(params: unknown): number | undefined {
  if (!isObject(params)) return undefined;
  try {
    const nested = Math.max(limitIn(params["generationConfig"]), limitIn(params["options"]));
    const limit = Math.max(limitIn(params), nested);
    return limit === 0 ? undefined : limit;
  } catch {
    return explicitLimit(readable(params)); // something in it throws
  }
}

/** Under these names providers take one. */
function limitIn(holder: unknown): number {
  if (!isObject(holder)) return 0;
  return Math.max(
    whole(holder["max_tokens"]),
    whole(holder["max_completion_tokens"]),
    whole(holder["max_output_tokens"]),
    whole(holder["maxOutputTokens"]),
    whole(holder["maxTokens"]),
    whole(holder["max_tokens_to_sample"]),
    whole(holder["num_predict"]),
  );
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** How many answers one request asks for; each may be as long as the limit. */
export function choices(params: unknown): number {
  return Math.max(1, whole(read(params, "n")), whole(read(params, "best_of")));
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
  return explicitLimit(invocationParams(overlaid(model, PROBE), {})) === PROBE;
}
