import { isInherited, isModel } from "./model-shape.ts";
import type { Loose } from "./shape.ts";

/** What runs a whole call, and reads the model some fifty times for it. */
export const RUNS: ReadonlySet<PropertyKey> = new Set(["generatePrompt", "_streamIterator"]);

type Method = (...args: never[]) => unknown;

/** What a wrapper has in the place of what its model has under a key. */
type Replaced = (key: PropertyKey, value: unknown) => unknown;

/**
 * Runs the calls of a guarded model. LangChain's own class does it on an heir of the model, which
 * answers as the wrapper does: a read through a proxy costs as much as ten of these. That class only
 * reads. A model that writes to itself on the way is given what it wrote, and is run on its wrapper
 * from then on; so is one whose own class runs its calls.
 */
export class ModelRunner {
  readonly #model: object;
  readonly #keys: Iterable<PropertyKey>;
  readonly #replaced: Replaced;
  /** Made for the second call: agents make a model for each of theirs. */
  #heir: object | undefined;
  #calls = 0;

  constructor(model: object, keys: Iterable<PropertyKey>, replaced: Replaced) {
    this.#model = model;
    this.#keys = keys;
    this.#replaced = replaced;
  }

  /** Calls a method of {@link RUNS}. */
  run(method: Method, wrapper: unknown, args: unknown[]): unknown {
    if (this.#calls < 2) {
      this.#calls += 1;
      if (this.#calls === 2) this.#heir = this.#newHeir();
    }
    if (this.#heir !== undefined) this.#handBack(this.#heir);
    const running = method.apply((this.#heir ?? wrapper) as never, args as never);
    if (this.#heir !== undefined) this.#handBack(this.#heir);
    return running;
  }

  #newHeir(): object | undefined {
    const model = this.#model;
    const isRunByBase = [...RUNS, "generate"].every((key) => isInherited(model, key));
    if (!isModel(model) || !isRunByBase) return undefined;
    const answers: PropertyDescriptorMap = {};
    const answer = (key: PropertyKey, get: () => unknown): void => {
      answers[key] = { get, set: (value) => Reflect.set(model, key, value) };
    };
    for (const key of accessorsOf(model)) answer(key, () => (model as Loose)[key]);
    for (const key of this.#keys) {
      if (!RUNS.has(key)) answer(key, () => this.#replaced(key, (model as Loose)[key]));
    }
    // Nothing of its own: what it owns later was written to it.
    return Object.create(Object.create(model, answers));
  }

  #handBack(heir: object): void {
    const written = Object.keys(heir);
    if (written.length === 0) return;
    this.#heir = undefined;
    for (const key of written) {
      Reflect.set(this.#model, key, (heir as Loose)[key]);
      Reflect.deleteProperty(heir, key); // a call under way goes on with the model's
    }
  }
}

const known = new WeakMap<object, readonly PropertyKey[]>();

/** What a model's classes compute: each may know the model by what it is. */
function accessorsOf(model: object): readonly PropertyKey[] {
  const prototype: unknown = Object.getPrototypeOf(model);
  if (typeof prototype !== "object" || prototype === null || prototype === Object.prototype)
    return [];
  const found = known.get(prototype);
  if (found !== undefined) return found;
  const descriptors = Object.getOwnPropertyDescriptors(prototype);
  const own = Reflect.ownKeys(descriptors).filter(
    (key) => (descriptors as Record<PropertyKey, PropertyDescriptor>)[key]?.get !== undefined,
  );
  const all = [...own, ...accessorsOf(prototype)];
  known.set(prototype, all);
  return all;
}
