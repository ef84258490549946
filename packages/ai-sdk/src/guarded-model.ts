import { optionError } from "@burnrate/core/adapter";
import { markGuarded } from "./guarded.ts";
import { generate, stream } from "./language.ts";
import { lookAlike } from "./look-alike.ts";
import type { ModelHook } from "./model-hook.ts";
import type { ModelKind } from "./model-kind.ts";
import type { CallOptions, ModelObject } from "./sdk-types.ts";
import { UNIT_METHODS, type UnitMethod } from "./unit-methods.ts";
import type { UnitParams } from "./units.ts";
import { warnAboutUsage } from "./warn-about-usage.ts";

type Methods = Readonly<Record<string, unknown>>;

/**
 * A model of a known kind behind a hook: of the same type, with guarded methods.
 * @throws {ConfigError} `BR9001` for a model without a name: nothing could be priced or matched by
 *   it. Not for one of speech, whose provider may have no other and gives it an empty one.
 */
export function guardedModel<M extends object>(model: M, kind: ModelKind, hook: ModelHook): M {
  const own = model as unknown as ModelObject;
  const isOnlyOne = kind === "audio" && own.modelId === "";
  if (!own.modelId && !isOnlyOne)
    throw optionError("modelId", own.modelId, "the model's name: give it one");
  const made = lookAlike(model, kind === "language" ? language(own, hook) : unit(own, kind, hook));
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

function language(model: ModelObject, hook: ModelHook): Methods {
  return {
    doGenerate: (params: CallOptions) => hook.call(model, params, generate),
    doStream(params: CallOptions) {
      warnAboutUsage(hook.guard, model);
      return hook.call(model, params, stream);
    },
  };
}

function unit(model: ModelObject, kind: Exclude<ModelKind, "language">, hook: ModelHook): Methods {
  const guarded: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(UNIT_METHODS[kind])) {
    if (typeof (model as unknown as Methods)[name] !== "function") continue;
    const talk = kind === "audio" ? CONVERSATION[name] : undefined;
    guarded[name] = (params: UnitParams) =>
      hook.call(model, params, isConversation(params) ? (talk ?? method) : method);
  }
  return guarded;
}
