import type { wrapLanguageModel } from "ai";

/** The first versions of `ai` 5 export no type of a middleware, and none the protocol's types. */
type Middleware = Exclude<
  Parameters<typeof wrapLanguageModel>[0]["middleware"],
  readonly unknown[]
>;
/** What `wrapLanguageModel` hands to a middleware. */
type WrapOptions = Parameters<NonNullable<Middleware["wrapStream"]>>[0];

/** The options of one request to a language model. */
export type CallOptions = WrapOptions["params"];
/** What a language model answers without a stream. */
export type GenerateResult = Awaited<ReturnType<WrapOptions["doGenerate"]>>;
/** What a language model answers with a stream. */
export type StreamResult = Awaited<ReturnType<WrapOptions["doStream"]>>;
/** One part of a stream. */
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;

/** What names a model: models of every kind and specification have it. */
export interface ModelIdentity {
  readonly provider: string;
  readonly modelId: string;
}

/** A model object of any kind (language, embedding, image, …), of specification 2, 3 or 4. */
export interface ModelObject extends ModelIdentity {
  readonly specificationVersion: string;
}

/** The face of a language model that the hooks use; specifications 2 to 4 agree on it. */
export interface LanguageFace extends ModelIdentity {
  doGenerate(options: CallOptions): PromiseLike<GenerateResult>;
  doStream(options: CallOptions): PromiseLike<StreamResult>;
}

/** What the requests of all kinds of models have in common. */
export interface CallParams {
  readonly abortSignal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** A conversation, in requests to language models. */
  readonly prompt?: unknown;
  /** The same, as telemetry is shown it. */
  readonly messages?: unknown;
}

/** Values of somebody else's, read as fields. */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = Object.freeze({});

/** The fields of a value that may be none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : NOTHING;
}
