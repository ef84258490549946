import type { CallEstimate } from "@burnrate/core";
import { type Draft, type Method, streamed, whole } from "./method.ts";
import type { ModelKind } from "./model-kind.ts";
import type { ModelIdentity } from "./sdk-types.ts";
import { statedLimit, toLimitedParams } from "./to-call.ts";
import {
  answers,
  embedding,
  film,
  picture,
  ranking,
  toldByRequest,
  type Unit,
  type UnitParams,
} from "./units.ts";

/** A method of a model that is no language model. */
export type UnitMethod = Method<UnitParams, unknown>;

type MethodName =
  | "doEmbed"
  | "doRerank"
  | "doDecide"
  | "doEvaluate"
  | "doExtract"
  | "doGenerate"
  | "doGenerateFromUrl"
  | "doStart"
  | "doStream";
type Face = Readonly<Record<MethodName, (params: UnitParams) => PromiseLike<unknown>>>;

/** A model that does not take this address says so with nothing, and has sent nothing. */
const settleUnlessRefused: UnitMethod["settle"] = (attempt, result) =>
  result === undefined
    ? attempt.permit.settle({ outcome: "cached" })
    : whole.settle(attempt, result);

/**
 * The methods of each kind of model that a provider bills; all others go to the model as they are.
 */
export const UNIT_METHODS: Readonly<
  Record<Exclude<ModelKind, "language">, Readonly<Partial<Record<MethodName, UnitMethod>>>>
> = {
  embedding: methods(embedding, "doEmbed"),
  reranking: methods(ranking, "doRerank"),
  decision: methods(answers, "doDecide", "doEvaluate"),
  extraction: methods(answers, "doExtract"),
  image: methods(picture, "doGenerate"),
  video: methods(film, "doGenerate", "doStart"),
  audio: methods(toldByRequest, "doGenerate", "doGenerateFromUrl", "doStream"),
};

function methods(
  unit: Unit | ((params: UnitParams) => Unit),
  ...names: readonly MethodName[]
): Readonly<Partial<Record<MethodName, UnitMethod>>> {
  const unitOf = typeof unit === "function" ? unit : () => unit;
  return Object.fromEntries(names.map((name) => [name, toMethod(name, unitOf)]));
}

function toMethod(name: MethodName, unitOf: (params: UnitParams) => Unit): UnitMethod {
  return {
    ...(name === "doStream" ? streamed : whole),
    ...(name === "doGenerateFromUrl" && { settle: settleUnlessRefused }),
    send: (model, params) => (model as unknown as Face)[name](params),
    toCall: (model, params, billedBy, task) => ({
      ...toDraft(model, params, unitOf(params)),
      ...(billedBy !== undefined && { provider: billedBy }),
      ...(task !== undefined && { task }),
    }),
    toParams: (params, permit) =>
      unitOf(params).output === "limited"
        ? toLimitedParams(params, permit)
        : { ...params, abortSignal: permit.signal },
    toUsage: (answer, params) => unitOf(params).usage(answer, params),
  };
}

/** Hume's and xAI's models of speech have no name, and go by what they do: `hume.speech` says. */
function kindIn(provider: string): string {
  return provider.slice(provider.lastIndexOf(".") + 1);
}

/** How a request was made is neither the model's input nor an evaluator's business. */
function toDraft({ provider, modelId }: ModelIdentity, params: UnitParams, unit: Unit): Draft {
  const inputTokens = unit.inputTokens(params);
  const limit = unit.output === "none" ? 0 : statedLimit(params);
  const estimate: CallEstimate = {
    inputTokens,
    ...unit.bounds?.(params),
    ...(limit !== undefined && { maxOutputTokens: limit }),
  };
  const { abortSignal, headers, providerOptions, ...input } = params;
  const draft: Draft = {
    kind: "model",
    provider,
    name: modelId || kindIn(provider),
    input,
    estimate,
  };
  if (unit.output === "unlimited") draft.bound = "assumed";
  if (abortSignal) draft.signal = abortSignal;
  return draft;
}
