import { memberOf } from "./member.ts";
import type { ModelObject } from "./sdk-types.ts";

/** Under this key what passes for a model carries it. */
const MODEL: unique symbol = Symbol("burnrate.model") as never;

/** What passes for a model, or inherits from that. */
interface LookAlike {
  readonly [MODEL]?: ModelObject & { readonly supportedUrls?: unknown };
}

/**
 * An object that passes for a model: of its class, with its members as they are when somebody
 * looks, but for the methods that take the place of its own. Its other methods run on the model
 * itself, where private fields are, and what is written to it is written to the model.
 *
 * No proxy, because the AI SDK reads fields of a model some fifteen times a call: those that the
 * model has when it is guarded are accessors, and a proxy behind them has the rest. Models of one
 * class share one set of accessors; guarding each anew for a call costs little.
 */
export function lookAlike<T extends object>(model: T, methods: Record<string, unknown>): T {
  const prototype: object | null = Object.getPrototypeOf(model);
  const face = faceOf(prototype ?? NO_CLASS);
  const made = Object.create(face, { [MODEL]: { value: model } });
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(made, name, { ...FIELD, value, writable: true });
  }
  // A plain object may be spread into another, and then its fields must be its own.
  showFields(prototype === Object.prototype ? made : face, Object.keys(model));
  return made;
}

const FIELD = { configurable: true, enumerable: true };
const NO_CLASS: object = Object.freeze(Object.create(null));
const faces = new WeakMap<object, object>();

/** What models of one class have in common. */
function faceOf(prototype: object): object {
  let face = faces.get(prototype);
  if (face === undefined) {
    const rest = new Proxy<object>(Object.create(prototype), REST);
    face = Object.create(rest) as object;
    showFields(
      face,
      [...READ_OFTEN.keys()].filter((name) => name in prototype),
    );
    faces.set(prototype, face);
  }
  return face;
}

function showFields(on: object, names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(on, name)) continue;
    Object.defineProperty(on, name, READ_OFTEN.get(name) ?? accessor(name));
  }
}

function accessor(name: string): PropertyDescriptor & ThisType<LookAlike> {
  return {
    ...FIELD,
    get() {
      const model = this[MODEL];
      return model === undefined ? undefined : memberOf(model, name);
    },
    set(value: unknown) {
      const model = this[MODEL] as Record<string, unknown> | undefined;
      if (model !== undefined) model[name] = value; // what is frozen says so
    },
  };
}

/** By their names, which the engine reads faster than a name in a variable. */
const READ_BY_NAME: ThisType<LookAlike> = {
  get specificationVersion() {
    return this[MODEL]?.specificationVersion;
  },
  get provider() {
    return this[MODEL]?.provider;
  },
  get modelId() {
    return this[MODEL]?.modelId;
  },
  get supportedUrls() {
    return this[MODEL]?.supportedUrls;
  },
};
const READ_OFTEN: ReadonlyMap<string, PropertyDescriptor> = new Map(
  Object.entries(Object.getOwnPropertyDescriptors(READ_BY_NAME)).map(([name, { get }]) => [
    name,
    Object.assign(accessor(name), { get }),
  ]),
);

/** Members of the class, and those that a model got after it was guarded. */
const REST: ProxyHandler<object> = {
  get(target, key, receiver) {
    const model = key === MODEL ? undefined : (receiver as LookAlike)[MODEL];
    return model === undefined ? Reflect.get(target, key, receiver) : memberOf(model, key);
  },
  set(target, key, value, receiver) {
    const model = (receiver as LookAlike)[MODEL];
    return model === undefined
      ? Reflect.set(target, key, value, receiver)
      : Reflect.set(model, key, value);
  },
};
