import type { Guard } from "@burnrate/core";
import type { Wrapped } from "./guard-middleware.ts";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";
import { UNIT_METHODS, type UnitMethod } from "./unit-methods.ts";

/** A middleware of `wrapImageModel`, as `ai` 6 and 7 have it; `ai` 5 has none. */
export interface ImageMiddleware {
  /** Each major version of `ai` has its own here, and looks at none. */
  readonly specificationVersion: never;
  wrapGenerate<Result>(options: Wrapped<Result>): Promise<Result>;
}

/**
 * The guard as a middleware of image models. Put it last, next to the model.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * const model = wrapImageModel({ model: openai.imageModel("gpt-image-1"), middleware: guardImageMiddleware(guard) });
 */
export function guardImageMiddleware(
  guard: Guard,
  options: GuardModelOptions = {},
): ImageMiddleware {
  const hook = createModelHook("guardImageMiddleware", guard, options);
  const draw = UNIT_METHODS.image.doGenerate as UnitMethod;
  return {
    specificationVersion: "v4" as never,
    wrapGenerate: ({ model, params }) => hook.call(model, { ...params }, draw) as Promise<never>,
  };
}
