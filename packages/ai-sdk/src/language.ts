import type { Usage } from "@burnrate/core";
import { type Method, streamed, type Translation, whole } from "./method.ts";
import {
  type CallOptions,
  fieldsOf,
  type GenerateResult,
  type LanguageFace,
  type StreamResult,
} from "./sdk-types.ts";
import { toCall, toLimitedParams } from "./to-call.ts";
import { withModalities } from "./to-modalities.ts";
import { hasWritten } from "./to-outcome.ts";
import { toUsage } from "./to-usage.ts";

/** What an answer, or the finish part of a stream, says that was used. */
export function usageOf(answer: unknown, prompt: unknown): Usage | undefined {
  try {
    const { usage, providerMetadata } = fieldsOf(answer);
    const told = toUsage(usage, providerMetadata);
    // Nothing is written with no tokens: the 0 stands for what the provider left out.
    if (told?.outputTokens === 0 && hasWritten(answer)) return undefined;
    return withModalities(told, answer, prompt);
  } catch {
    return undefined; // a getter of the provider's that throws tells us nothing
  }
}

const conversation: Translation<CallOptions> = {
  toCall,
  toParams: toLimitedParams,
  toUsage: (answer, { prompt }) => usageOf(answer, prompt),
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
