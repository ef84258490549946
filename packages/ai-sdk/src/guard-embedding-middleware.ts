import type { Guard } from "@burnrate/core";
import type { Wrapped } from "./guard-middleware.ts";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";
import { UNIT_METHODS, type UnitMethod } from "./unit-methods.ts";

/** A middleware of `wrapEmbeddingModel`, as `ai` 6 and 7 have it; `ai` 5 has none. */
export interface EmbeddingMiddleware {
  /** Each major version of `ai` has its own here, and looks at none. */
  readonly specificationVersion: never;
  wrapEmbed<Result>(
    options: Omit<Wrapped<unknown>, "doGenerate"> & { readonly doEmbed: () => PromiseLike<Result> },
  ): Promise<Result>;
}

/**
 * The guard as a middleware of embedding models: each request is a call, so each batch that
 * `embedMany` sends. Put it last, next to the model.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * const model = wrapEmbeddingModel({ model: openai.embeddingModel("text-embedding-3-small"), middleware: guardEmbeddingMiddleware(guard) });
 */
export function guardEmbeddingMiddleware(
  guard: Guard,
  options: GuardModelOptions = {},
): EmbeddingMiddleware {
  const hook = createModelHook("guardEmbeddingMiddleware", guard, options);
  const embed = UNIT_METHODS.embedding.doEmbed as UnitMethod;
  return {
    specificationVersion: "v4" as never,
    wrapEmbed: ({ model, params }) => hook.call(model, { ...params }, embed) as Promise<never>,
  };
}
