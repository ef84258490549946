import { type Method, streamed, type Translation, whole } from "./method.ts";
import type { CallOptions, GenerateResult, LanguageFace, StreamResult } from "./sdk-types.ts";
import { toCall, toLimitedParams } from "./to-call.ts";
import { withModalities } from "./to-modalities.ts";
import { toUsage } from "./to-usage.ts";

const conversation: Translation<CallOptions> = {
  toCall,
  toParams: toLimitedParams,
  toUsage: (answer, { prompt }) => {
    const { usage, providerMetadata } = (answer ?? {}) as Partial<GenerateResult>;
    return withModalities(toUsage(usage, providerMetadata), answer, prompt);
  },
};

/** `doGenerate` of language models. */
export const generate = {
  ...conversation,
  ...whole,
  send: (model, params) => (model as LanguageFace).doGenerate(params),
} as Method<CallOptions, GenerateResult>;

/** `doStream` of language models. */
export const stream = {
  ...conversation,
  ...streamed,
  toCall(model, params, billedBy, task) {
    const request = toCall(model, params, billedBy, task);
    request.streams = true;
    return request;
  },
  send: (model, params) => (model as LanguageFace).doStream(params),
} as Method<CallOptions, StreamResult>;
