import { ConfigError, type Guard } from "@burnrate/core";
import { createModelHook, type GuardModelOptions } from "./model-hook.ts";
import type { CallOptions, LanguageModelObject, ModelFace } from "./sdk-types.ts";

/**
 * The same language model with the guard in front: every request, each of the SDK's own retries
 * included, is admitted or refused, metered and settled. The type stays, and so does `instanceof`.
 *
 * A refusal reaches you as the thrown error of `generateText`, and as the `error` part and
 * `onError` of `streamText`; `findGuardError` finds it in both.
 *
 * @throws {ConfigError} `BR9001` for anything but a language model object and a guard.
 * @example
 * const model = guardModel(openai("gpt-5"), guard);
 * const { text } = await generateText({ model, prompt: "Hello" });
 */
export function guardModel<M extends LanguageModelObject>(
  model: M,
  guard: Guard,
  options: GuardModelOptions = {},
): M {
  checkModel(model);
  const hook = createModelHook("guardModel", guard, options);
  const face = model as unknown as ModelFace;
  const doGenerate = (params: CallOptions) => hook.generate(face, params);
  const doStream = (params: CallOptions) => hook.stream(face, params);
  const members = model as Readonly<Record<PropertyKey, unknown>>;
  const bound = new Map<unknown, unknown>();
  // A proxy may not answer differently for a property that is fixed; such a model stands behind it.
  const target = hasFixedProperty(model) ? Object.create(model) : model;
  return new Proxy<M>(target, {
    get(_, key) {
      if (key === "doGenerate") return doGenerate;
      if (key === "doStream") return doStream;
      const value = members[key];
      if (typeof value !== "function" || key === "constructor") return value;
      if (!bound.has(value)) bound.set(value, value.bind(model));
      return bound.get(value);
    },
  });
}

function hasFixedProperty(model: object): boolean {
  const own = Object.values(Object.getOwnPropertyDescriptors(model));
  return own.some(({ configurable }) => configurable === false);
}

function checkModel(model: unknown): void {
  const face = model as Partial<ModelFace> | null | undefined;
  if (typeof face?.doGenerate === "function" && typeof face.doStream === "function") return;
  const given =
    typeof model === "string"
      ? "a model id; ask a provider for the model object, such as openai(id)"
      : "something that has no doGenerate and doStream (embedding, image and other models are not covered)";
  throw new ConfigError({
    message: `guardModel takes a language model object, not ${given}.`,
    scope: "guardModel.model",
  });
}
