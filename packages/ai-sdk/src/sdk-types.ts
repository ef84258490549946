import type { LanguageModel, LanguageModelMiddleware } from "ai";

/** What `wrapLanguageModel` hands to a middleware; the protocol types are not exported by `ai` itself. */
type WrapOptions = Parameters<NonNullable<LanguageModelMiddleware["wrapStream"]>>[0];

/** The options of one request to a model. */
export type CallOptions = WrapOptions["params"];
/** What a model answers without a stream. */
export type GenerateResult = Awaited<ReturnType<WrapOptions["doGenerate"]>>;
/** What a model answers with a stream. */
export type StreamResult = Awaited<ReturnType<WrapOptions["doStream"]>>;
/** One part of a stream. */
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;
/** Any language model object, of specification 2, 3 or 4. */
export type LanguageModelObject = Exclude<LanguageModel, string>;

/** The face of a language model that the hooks use; specifications 2 to 4 agree on it. */
export interface ModelFace {
  readonly provider: string;
  readonly modelId: string;
  doGenerate(options: CallOptions): PromiseLike<GenerateResult>;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}
