import { ConfigError, type Guard } from "@burnrate/core";
import { quote } from "@burnrate/core/adapter";
import { behind } from "./behind.ts";
import { guardedModel } from "./guarded-model.ts";
import { createModelHook, type GuardModelOptions, type ModelHook } from "./model-hook.ts";
import { kindOf } from "./model-kind.ts";
import type { ModelObject } from "./sdk-types.ts";

/** Any function of a provider. */
type Factory = (...args: unknown[]) => unknown;

/**
 * The same provider, whose models all come guarded: from each of its factories (`languageModel`,
 * `embeddingModel`, `imageModel`, `chat`, …) and from the provider itself where it is a function.
 * Also for `customProvider` and `createProviderRegistry`, and as the default provider, which guards
 * models that are given as strings.
 *
 * Models of `options.models` take the place of models of their own kind.
 *
 * @throws {ConfigError} `BR9001`, for a model, too, whose own methods it would not guard; and later, from a factory, for a model that cannot be guarded.
 * @example
 * const openai = guardProvider(createOpenAI(), guard);
 * globalThis.AI_SDK_DEFAULT_PROVIDER = guardProvider(gateway, guard);
 */
export function guardProvider<P extends object>(
  provider: P,
  guard: Guard,
  options: GuardModelOptions = {},
): P {
  if (typeof provider !== "function" && !hasMethods(provider)) throw notAProvider();
  if (kindOf(provider) !== undefined) throw isAModel();
  const hook = createModelHook("guardProvider", guard, options, "where they fit");
  const factories = new WeakMap<object, unknown>();
  const members = provider as Readonly<Record<PropertyKey, unknown>>;
  const replacement = (key: PropertyKey): unknown => {
    const value = members[key];
    if (typeof value !== "function" || key === "constructor") return undefined;
    if (!factories.has(value)) factories.set(value, guardFactory(value as Factory, provider, hook));
    return factories.get(value);
  };
  const guarded = behind(provider, replacement);
  return typeof guarded === "function" ? guardCall(guarded, hook) : guarded;
}

/** A provider that is called makes a model; one that makes a provider was to be called before. */
function guardCall<P extends object>(provider: P, hook: ModelHook): P {
  return new Proxy(provider, {
    apply: (target, _, args) => {
      const made: unknown = Reflect.apply(target as unknown as Factory, undefined, args);
      const isProvider = hasMethods(made) && kindOf(made) === undefined && !("modelId" in made);
      if (typeof made === "function" || isPromise(made) || isProvider) throw notAProvider();
      return guardMade(made, hook);
    },
  });
}

/** The same function with its own properties, whose models come guarded. */
function guardFactory<F extends object>(factory: F, self: unknown, hook: ModelHook): F {
  return new Proxy(factory, {
    apply: (target, _, args) => guardMade(Reflect.apply(target as Factory, self, args), hook),
  });
}

/** Guards what a factory made, where it is a model; files, skills and tools are as they are. */
function guardMade(made: unknown, hook: ModelHook): unknown {
  const kind = kindOf(made);
  if (kind !== undefined) return guardedModel(made as ModelObject, kind, hook);
  if (isObject(made) && "specificationVersion" in made && "modelId" in made) {
    throw new ConfigError({
      message: `guardProvider knows no way to guard ${quote(String(made.modelId))}: it is no model of a known kind (a realtime model opens connections of its own). Take it from the provider itself; its calls are then not counted.`,
      scope: "guardProvider",
    });
  }
  return made;
}

function notAProvider(): ConfigError {
  return new ConfigError({
    message:
      "guardProvider takes a provider object or function, such as createOpenAI(), not a model id, nothing, a promise (await it) or a function that makes a provider, such as createOpenAI itself (call it).",
    scope: "guardProvider.provider",
  });
}

function isAModel(): ConfigError {
  return new ConfigError({
    message:
      "guardProvider takes a provider, and this is a model. Guard it with guardModel(model, guard).",
    scope: "guardProvider.provider",
  });
}

/** Of an object that can make no model, such as a promise of a provider, nothing would be guarded. */
function hasMethods(value: unknown): value is object {
  if (!isObject(value) || isPromise(value) || Array.isArray(value)) return false;
  if (typeof Reflect.get(value, "languageModel") === "function") return true;
  for (let at = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const fields = Object.entries(Object.getOwnPropertyDescriptors(at));
    if (fields.some(([key, field]) => key !== "constructor" && isCallable(field))) return true;
  }
  return false;
}

function isCallable({ get, value }: PropertyDescriptor): boolean {
  return get !== undefined || typeof value === "function";
}

function isPromise(value: unknown): boolean {
  return isObject(value) && "then" in value && typeof value.then === "function";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
