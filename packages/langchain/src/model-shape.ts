import { isObject, read } from "./shape.ts";

/** Whether `guardModel` can see the calls of a value: a model, or a binding around one. */
export function isGuardable(model: unknown): model is object {
  return isModel(model) || isModel(read(model, "bound"));
}

/** A chat model or a plain language model, of any copy of LangChain. */
export function isModel(value: unknown): value is object {
  return (
    isObject(value) &&
    typeof read(value, "_generate") === "function" &&
    typeof read(value, "_llmType") === "function"
  );
}

/** LangChain's own class of models among a model's classes: none above it runs calls. */
export function baseOf(model: object): object | undefined {
  let base: object | undefined;
  for (let at = Object.getPrototypeOf(model); at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "_generateUncached")) base = at;
  }
  return base;
}

/**
 * LangChain asks whether a model streams by comparing its method with the base class's, and the
 * base's event stream goes through the model's own chunks: what is inherited stays as it is.
 */
export function isInherited(target: object, key: PropertyKey): boolean {
  const base = baseOf(target);
  return base !== undefined && read(base, key) === read(target, key);
}
