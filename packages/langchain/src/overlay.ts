import { isObject, type Loose, read } from "./shape.ts";

/** What one call sees differently of a model. */
export interface Overlay {
  readonly maxTokens?: number | undefined;
  /** Takes the place of the `AsyncCaller` that a model sends with. */
  readonly watch?: ((caller: object) => object) | undefined;
}

/**
 * The model as one call sees it. LangChain models read `maxTokens` and `caller` from themselves
 * (`ChatOpenAI` ignores a limit among the call options), and one instance serves many calls at
 * once, so it is overlaid, never changed. Writes (a client made on first use) reach the model.
 */
export function overlaid<M extends object>(model: M, overlay: Overlay): M {
  const { maxTokens, watch } = overlay;
  return new Proxy(model, {
    get(target, key, receiver) {
      if (key === "maxTokens" && maxTokens !== undefined) return maxTokens;
      const value: unknown = Reflect.get(target, key, receiver);
      if (key === "caller" && watch !== undefined && isObject(value)) return watch(value);
      return isDelegate(value) ? overlaid(value, overlay) : value;
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

/** `ChatOpenAI` sends through one of two inner models. */
function isDelegate(value: unknown): value is Loose {
  return isObject(value) && typeof read(value, "_generate") === "function" && "maxTokens" in value;
}

/** A class with `#private` fields works on its own instances only, not on what overlays them. */
export function hasPrivateState(value: object): boolean {
  for (let at = value; at !== null; at = Object.getPrototypeOf(at)) {
    const made: unknown = Object.hasOwn(at, "constructor") ? at.constructor : undefined;
    if (made === Object) return false;
    if (typeof made === "function" && /\.#\w/.test(String(made))) return true;
  }
  return false;
}
