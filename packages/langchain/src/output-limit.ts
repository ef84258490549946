import { isObject, type Loose, read } from "./shape.ts";

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
  const holders = [params, ...NESTED.map((key) => read(params, key))];
  const limits = holders
    .flatMap((holder) => LIMIT_KEYS.map((key) => read(holder, key)))
    .filter((value): value is number => Number.isSafeInteger(value) && (value as number) > 0);
  return limits.length === 0 ? undefined : Math.max(...limits);
}

/** How many answers one request asks for; each may be as long as the limit. */
export function choices(params: unknown): number {
  const counts = [read(params, "n"), read(params, "best_of")];
  return Math.max(1, ...counts.filter((n): n is number => Number.isSafeInteger(n)));
}

/**
 * Whether the model would send a limit that we set: tried on its own `invocationParams`, which is
 * what it sends, rather than believed of a class.
 */
export function canSendLimit(model: object): boolean {
  const known = sendable.get(model);
  if (known !== undefined) return known;
  const answer = "maxTokens" in model && probe(model);
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

/**
 * The model with another output limit, for one call. LangChain models read `maxTokens` from
 * themselves (`ChatOpenAI` ignores it among the call options), and one instance serves many calls
 * at once, so it is overlaid, never changed. Writes (a client made on first use) reach the model.
 */
export function withLimit<M extends object>(model: M, limit: number): M {
  return new Proxy(model, {
    get(target, key, receiver) {
      if (key === "maxTokens") return limit;
      const value: unknown = Reflect.get(target, key, receiver);
      return isDelegate(value) ? withLimit(value, limit) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

function probe(model: object): boolean {
  return explicitLimit(invocationParams(withLimit(model, PROBE), {})) === PROBE;
}

/** `ChatOpenAI` sends through one of two inner models. */
function isDelegate(value: unknown): value is Loose {
  return isObject(value) && typeof read(value, "_generate") === "function" && "maxTokens" in value;
}
