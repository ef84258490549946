import { baseOf } from "./model-shape.ts";
import type { Loose } from "./shape.ts";

/** What runs a whole call, and reads the model some fifty times for it, where it is LangChain's. */
export const RUNS: ReadonlySet<PropertyKey> = new Set(["generatePrompt", "_streamIterator"]);

/**
 * What LangChain asks a model about itself. The model answers, and calls nothing: with `#private`
 * fields nobody else could.
 */
export const ASKED: ReadonlySet<PropertyKey> = new Set([
  "_llmType",
  "_modelType",
  "_identifyingParams",
  "_combineLLMOutput",
  "getLsParams",
  "getName",
  "getNumTokens",
  "invocationParams",
]);

type Method = (...args: never[]) => unknown;

/** What a wrapper has in the place of what its model has under a key. */
type Replaced = (key: PropertyKey, value: unknown) => unknown;

/**
 * Runs the calls of a guarded model. LangChain's own class does it on an heir of the model, which
 * answers as the wrapper does: a read through a proxy costs as much as ten of these. That class only
 * reads. What the model's own classes and fields compute may write, list what the object owns or
 * know it by what it is: that runs on the model, or on the wrapper where it may call the model.
 */
export class ModelRunner {
  readonly #model: object;
  readonly #replacedKeys: Iterable<PropertyKey>;
  readonly #replaced: Replaced;
  /** Made for the second call: agents make a model for each of theirs. */
  #heir: object | undefined;
  #isCalled = false;

  constructor(model: object, replacedKeys: Iterable<PropertyKey>, replaced: Replaced) {
    this.#model = model;
    this.#replacedKeys = replacedKeys;
    this.#replaced = replaced;
  }

  /** Calls a method of {@link RUNS} that is LangChain's own. */
  run(method: Method, wrapper: object, args: unknown[]): unknown {
    if (!this.#isCalled) this.#isCalled = true;
    else this.#heir ??= this.#newHeir(wrapper);
    return method.apply((this.#heir ?? wrapper) as never, args as never);
  }

  #newHeir(wrapper: object): object {
    const model = this.#model as Loose;
    const answers: PropertyDescriptorMap = {};
    const answer = (key: PropertyKey, get: () => unknown): void => {
      answers[key] = { get, set: (value) => Reflect.set(model, key, value) };
    };
    for (const key of [...ASKED, ...computedIn(model), ...computedByClasses(model)]) {
      answer(key, calledOn(ASKED.has(key) ? model : wrapper, model, key));
    }
    for (const key of this.#replacedKeys) {
      if (!RUNS.has(key)) answer(key, () => this.#replaced(key, model[key]));
    }
    return Object.create(model, answers);
  }
}

/** Gives what a model has; a method is called on `self`, whoever calls it. */
function calledOn(self: object, model: Loose, key: PropertyKey): () => unknown {
  let from: unknown;
  let to: unknown;
  return () => {
    const value = model[key];
    if (typeof value !== "function") return value;
    if (value !== from) {
      from = value;
      to = value.bind(self);
    }
    return to;
  };
}

const known = new WeakMap<object, readonly PropertyKey[]>();

/** What a model's classes below LangChain's own compute, and all accessors. */
function computedByClasses(model: object): readonly PropertyKey[] {
  const first: object = Object.getPrototypeOf(model);
  const found = known.get(first);
  if (found !== undefined) return found;
  const base = baseOf(model);
  const keys = new Set<PropertyKey>();
  let isOwn = true;
  for (let at = first; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    if (at === base) isOwn = false;
    for (const key of computedIn(at, isOwn)) keys.add(key);
  }
  keys.delete("constructor");
  const all = [...keys];
  known.set(first, all);
  return all;
}

/** Accessors, and methods where they are the model's own. */
function computedIn(owner: object, isOwn = true): PropertyKey[] {
  const all: Record<PropertyKey, PropertyDescriptor> = Object.getOwnPropertyDescriptors(owner);
  return Reflect.ownKeys(all).filter((key) => {
    const { get, value } = all[key] as PropertyDescriptor;
    return get !== undefined || (isOwn && typeof value === "function");
  });
}
