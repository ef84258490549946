import { isObject, read } from "./shape.ts";

/** Asks what stands for a model what it is. */
const SELF = Symbol("overlaid");

/** What takes the place of the `AsyncCaller` that a model sends with. */
export interface Watcher {
  watch(caller: object): object;
}

/** What one call sees differently of a model. */
class Overlay<M extends object> implements ProxyHandler<M> {
  readonly #maxTokens: number | undefined;
  readonly #watcher: Watcher | undefined;

  constructor(maxTokens: number | undefined, watcher: Watcher | undefined) {
    this.#maxTokens = maxTokens;
    this.#watcher = watcher;
  }

  get(target: M, key: PropertyKey, receiver: unknown): unknown {
    if (key === SELF) return { model: target, overlay: this };
    if (key === "maxTokens" && this.#maxTokens !== undefined) return this.#maxTokens;
    const value: unknown = Reflect.get(target, key, receiver);
    if (typeof value !== "object" || value === null) return value;
    if (key === "caller" && this.#watcher !== undefined) return this.#watcher.watch(value);
    return isDelegate(value) ? new Proxy(value, this as ProxyHandler<object>) : value;
  }

  set(target: M, key: PropertyKey, value: unknown): boolean {
    return Reflect.set(target, key, value);
  }
}

/**
 * The model as one call sees it. LangChain models read `maxTokens` and `caller` from themselves
 * (`ChatOpenAI` ignores a limit among the call options), and one instance serves many calls at
 * once, so it is overlaid, never changed. Writes (a client made on first use) reach the model.
 */
export function overlaid<M extends object>(
  model: M,
  maxTokens: number | undefined,
  watcher?: Watcher,
): M {
  return new Proxy(model, new Overlay<M>(maxTokens, watcher));
}

/**
 * The same model as a guard further outside sees it for a call: with that one's limit, and its eye
 * on the caller. `self` is what a method was called on.
 */
export function seenBy<M extends object>(self: unknown, model: M): M {
  const outer = read(self, SELF) as { model: object; overlay: ProxyHandler<M> } | undefined;
  return outer === undefined ? model : new Proxy(seenBy(outer.model, model), outer.overlay);
}

/** `ChatOpenAI` sends through one of two inner models. */
function isDelegate(value: object): boolean {
  const isModel = typeof read(value, "_generate") === "function" && "maxTokens" in value;
  return isModel && !hasPrivateState(value);
}

/** `#name` of the language, and what compilers make of it for older targets. */
const PRIVATE = /\.#\w|\b_+(?:class_?)?[pP]rivate/;
/** What is known of prototypes: an agent makes a new model of the same class for each call. */
const privately = new WeakMap<object, boolean>();

/** A class with `#private` fields works on its own instances only, not on what stands for them. */
export function hasPrivateState(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!isObject(prototype) || prototype === Object.prototype) return false;
  const known = privately.get(prototype);
  if (known !== undefined) return known;
  const made: unknown = Object.hasOwn(prototype, "constructor") ? prototype["constructor"] : "";
  const found = PRIVATE.test(String(made)) || hasPrivateState(prototype);
  privately.set(prototype, found);
  return found;
}

/**
 * Whether a function in a field of its own may know the object as it is, whatever it is called on: an
 * arrow function that says `this`, or a method that was bound.
 */
export function holdsOnToItself(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) ?? {};
  return Object.keys(value).some((key) => {
    const field = read(value, key);
    if (typeof field !== "function") return false;
    const source = String(field);
    if (source.includes("[native code]")) return key in prototype;
    return !/^(?:async\s+)?function/.test(source) && /\bthis\b/.test(source);
  });
}
