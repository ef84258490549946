import type { Guard } from "@burnrate/core";
import { generate, stream } from "./language.ts";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";
import type { CallOptions, ModelIdentity } from "./sdk-types.ts";
import { warnAboutUsage } from "./warn-about-usage.ts";

/** What the SDK hands to a middleware that wraps one method. */
export interface Wrapped<Result> {
  readonly model: ModelIdentity;
  readonly params: object;
  readonly doGenerate: () => PromiseLike<Result>;
}

/** A middleware of `wrapLanguageModel`, as `ai` 5, 6 and 7 have it. */
export interface LanguageMiddleware {
  /** Each major version of `ai` has its own here, and looks at none. */
  readonly specificationVersion: never;
  wrapGenerate<Result>(options: Wrapped<Result>): Promise<Result>;
  wrapStream<Result>(
    options: Omit<Wrapped<unknown>, "doGenerate"> & {
      readonly doStream: () => PromiseLike<Result>;
    },
  ): Promise<Result>;
}

/**
 * The guard as a middleware, for models that have others too. Put it last, next to the model: a
 * cache outside of it then answers without a call, and costs nothing.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * const model = wrapLanguageModel({ model: openai("gpt-5"), middleware: [cache, guardMiddleware(guard)] });
 */
export function guardMiddleware(guard: Guard, options: GuardModelOptions = {}): LanguageMiddleware {
  const hook = createModelHook("guardMiddleware", guard, options);
  return {
    specificationVersion: "v4" as never,
    wrapGenerate: ({ model, params }) =>
      hook.call(model, params as CallOptions, generate) as Promise<never>,
    wrapStream({ model, params }) {
      warnAboutUsage(guard, model);
      return hook.call(model, params as CallOptions, stream) as Promise<never>;
    },
  };
}
