import type { Permit, Usage } from "@burnrate/core";
import { audioTokens, imageTokens, jsonTokens, textTokens } from "./estimate-input.ts";
import { type CallParams, type Fields, fieldsOf } from "./sdk-types.ts";
import { embeddingUsage, imageUsage, timedUsage, tokenUsage } from "./to-unit-usage.ts";

/** A request to a model that is no language model; each kind has fields of its own. */
export type UnitParams = CallParams & Fields;

/** What one kind of request is, where it is not to a language model. */
export interface Unit {
  /** What its output is bounded by: nothing to bound, a limit that it can carry, or neither. */
  readonly output: "none" | "limited" | "unlimited";
  /** Upper bound of a request's input in tokens. */
  inputTokens(params: UnitParams): number;
  usage(answer: unknown, params: UnitParams, permit: Permit): Usage | undefined;
}

/** Texts to vectors. */
export const embedding: Unit = {
  output: "none",
  inputTokens: ({ values }) => textTokens(...(Array.isArray(values) ? values : [])),
  usage: embeddingUsage,
};

/** Documents in the order of a query. */
export const ranking: Unit = {
  output: "none",
  inputTokens({ query, documents }) {
    return textTokens(query) + jsonTokens(fieldsOf(documents)["values"]);
  },
  usage: tokenUsage,
};

/** Answers to questions, and fields that are extracted from a text. */
export const answers: Unit = {
  output: "limited",
  inputTokens: ({ state, questions, fields }) => jsonTokens([state, questions, fields]),
  usage: tokenUsage,
};

/** Images from a text and other images. */
export const picture: Unit = {
  output: "unlimited",
  inputTokens: ({ prompt, files, mask }) => textTokens(prompt) + imageTokens(files, mask),
  usage(answer, params, permit) {
    const hasImages = imageTokens(params["files"], params["mask"]) > 0;
    return imageUsage(answer, hasImages, permit, picture.inputTokens(params));
  },
};

/** Videos from a text and images. */
export const film: Unit = {
  output: "unlimited",
  inputTokens({ prompt, image, frameImages, inputReferences }) {
    return textTokens(prompt) + imageTokens(image, frameImages, inputReferences);
  },
  usage(answer, params, permit) {
    const { duration, n } = params;
    const videos = typeof n === "number" ? n : 1;
    const seconds = typeof duration === "number" ? duration * videos : undefined;
    return timedUsage(answer, seconds, permit, film.inputTokens(params));
  },
};

/** Speech from a text, or from a stream of texts. */
const spoken: Unit = {
  output: "unlimited",
  inputTokens({ text, instructions }) {
    return typeof text === "string" ? textTokens(text, instructions) : audioTokens(text);
  },
  usage: tokenUsage,
};

/** A text from speech, or speech in another language. */
const heard: Unit = {
  output: "unlimited",
  inputTokens: ({ audio }) => audioTokens(audio),
  usage(answer, params, permit) {
    const seconds = fieldsOf(answer)["durationInSeconds"];
    return timedUsage(answer, seconds, permit, heard.inputTokens(params));
  },
};

/** Speech and transcription models look alike: only a request tells them apart. */
export function audio(params: UnitParams): Unit {
  return params["audio"] === undefined ? spoken : heard;
}
