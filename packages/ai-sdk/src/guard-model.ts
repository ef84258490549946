import { ConfigError, type Guard } from "@burnrate/core";
import { guardedModel } from "./guarded-model.ts";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";
import { kindOf } from "./model-kind.ts";
import type { ModelObject } from "./sdk-types.ts";

/**
 * The same model with the guard in front: every request, each of the SDK's own retries included, is
 * admitted or refused, metered and settled. Takes models of every kind: language, embedding, image,
 * video, speech, transcription, reranking, decision and extraction. The type stays, and so does
 * `instanceof`.
 *
 * A refusal reaches you as the thrown error of `generateText`, `embed` and so on, and as the
 * `error` part and `onError` of `streamText`; `findGuardError` finds it in all of them.
 *
 * @throws {ConfigError} `BR9001` for anything but a model object, a guard and known options.
 * @example
 * const model = guardModel(openai("gpt-5"), guard);
 * const { text } = await generateText({ model, prompt: "Hello" });
 */
export function guardModel<M extends ModelObject>(
  model: M,
  guard: Guard,
  options: GuardModelOptions = {},
): M {
  const kind = kindOf(model);
  if (kind === undefined) throw notAModel(model);
  const hook = createModelHook("guardModel", guard, options);
  hook.substitutes?.offeredFor(model); // what cannot take its place is told now
  return guardedModel(model, kind, hook);
}

function notAModel(model: unknown): ConfigError {
  const given =
    typeof model === "string"
      ? "a model id; ask a provider for the model object, such as openai(id), or set AI_SDK_DEFAULT_PROVIDER to guardProvider(…)"
      : "something without a method of a known kind of model (a batch or realtime object cannot be guarded)";
  return new ConfigError({
    message: `guardModel takes a model object, not ${given}.`,
    scope: "guardModel.model",
  });
}
