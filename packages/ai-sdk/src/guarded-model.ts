import { optionError } from "@burnrate/core/adapter";
import { markGuarded } from "./guarded.ts";
import { generate, stream } from "./language.ts";
import type { ModelHook } from "./model-hook.ts";
import type { ModelKind } from "./model-kind.ts";
import type { CallOptions, ModelObject } from "./sdk-types.ts";
import { UNIT_METHODS, type UnitMethod } from "./unit-methods.ts";
import type { UnitParams } from "./units.ts";
import { warnAboutUsage } from "./warn-about-usage.ts";

type Members = Readonly<Record<PropertyKey, unknown>>;
/** What stands in for a member; undefined for those that stay. */
type Replacement = (key: PropertyKey) => unknown;

/**
 * A model of a known kind behind a hook: of the same type, with guarded methods.
 * @throws {ConfigError} `BR9001` for a model without a name: nothing could be priced or matched by
 *   it.
 */
export function guardedModel<M extends object>(model: M, kind: ModelKind, hook: ModelHook): M {
  const own = model as unknown as ModelObject;
  if (!own.modelId) throw optionError("modelId", own.modelId, "the model's name: give it one");
  const made = behind(model, kind === "language" ? language(own, hook) : unit(own, kind, hook));
  markGuarded(made, hook.provider);
  return made;
}

/**
 * A model that lacks a field which its specification demands, as one made by hand may, is taken for
 * an audio model: its requests tell. Only those of other kinds say how many answers they want
 * (`n`), or have no prompt.
 */
const CONVERSATION: Partial<Record<string, UnitMethod>> = {
  doGenerate: generate as unknown as UnitMethod,
  doStream: stream as unknown as UnitMethod,
};

function isConversation(params: UnitParams): boolean {
  return Array.isArray(params.prompt) || (params.prompt !== undefined && !("n" in params));
}

/** Compares names instead of looking them up: the framework reads five members for each call. */
function language(model: ModelObject, hook: ModelHook): Replacement {
  const doGenerate = (params: CallOptions) => hook.call(model, params, generate);
  const doStream = (params: CallOptions) => {
    warnAboutUsage(hook.guard, model);
    return hook.call(model, params, stream);
  };
  return (key) => {
    if (key === "doGenerate") return doGenerate;
    return key === "doStream" ? doStream : undefined;
  };
}

function unit(
  model: ModelObject,
  kind: Exclude<ModelKind, "language">,
  hook: ModelHook,
): Replacement {
  const guarded = new Map<PropertyKey, unknown>();
  for (const [name, method] of Object.entries(UNIT_METHODS[kind])) {
    if (typeof (model as unknown as Members)[name] !== "function") continue;
    const talk = kind === "audio" ? CONVERSATION[name] : undefined;
    guarded.set(name, (params: UnitParams) =>
      hook.call(model, params, isConversation(params) ? (talk ?? method) : method),
    );
  }
  return (key) => guarded.get(key);
}

/**
 * The same object with some members replaced; its own methods stay bound to it. A proxy may not
 * answer differently for a property that is fixed; such an object stands behind it.
 */
export function behind<T extends object>(object: T, replacement: (key: PropertyKey) => unknown): T {
  const members = object as Members;
  // Weak: another proxy may make a function anew whenever it is read.
  const bound = new WeakMap<object, unknown>();
  return new Proxy<T>(hasFixedProperty(object) ? standIn(object) : object, {
    get(_, key) {
      const replaced = replacement(key);
      if (replaced !== undefined) return replaced;
      const value = members[key];
      if (typeof value !== "function" || key === "constructor") return value;
      if (!bound.has(value)) bound.set(value, value.bind(object));
      return bound.get(value);
    },
  });
}

function standIn<T extends object>(object: T): T {
  if (typeof object !== "function") return Object.create(object);
  const call = (...args: unknown[]): unknown => Reflect.apply(object, undefined, args);
  return Object.setPrototypeOf(call, object);
}

function hasFixedProperty(object: object): boolean {
  const own = Object.values(Object.getOwnPropertyDescriptors(object));
  return own.some(({ configurable }) => configurable === false);
}
