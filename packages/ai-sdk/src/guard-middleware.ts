import type { Guard } from "@burnrate/core";
import type { LanguageModelMiddleware } from "ai";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";

/**
 * The guard as a middleware, for models that have others too. Put it last, next to the model: a
 * cache outside of it then answers without a call, and costs nothing.
 *
 * @throws {ConfigError} `BR9001`
 * @example
 * const model = wrapLanguageModel({ model: openai("gpt-5"), middleware: [cache, guardMiddleware(guard)] });
 */
export function guardMiddleware(
  guard: Guard,
  options: GuardModelOptions = {},
): LanguageModelMiddleware & { readonly specificationVersion: "v4" } {
  const hook = createModelHook("guardMiddleware", guard, options);
  return {
    specificationVersion: "v4",
    wrapGenerate: ({ model, params }) => hook.generate(model, params),
    wrapStream: ({ model, params }) => hook.stream(model, params),
  };
}
