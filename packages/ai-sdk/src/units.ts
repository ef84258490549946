import type { ReportedUsage, UnitBounds } from "@burnrate/core";
import {
  audioSeconds,
  audioTokens,
  imageTokens,
  jsonTokens,
  searchUnits,
  textTokens,
  videoSeconds,
} from "./estimate-input.ts";
import { type CallParams, type Fields, fieldsOf } from "./sdk-types.ts";
import {
  embeddingUsage,
  filmUsage,
  hearingUsage,
  imageUsage,
  rankingUsage,
  tokenUsage,
} from "./to-unit-usage.ts";

/** A request to a model that is no language model; each kind has fields of its own. */
export type UnitParams = CallParams & Fields;

/** What one kind of request is, where it is not to a language model. */
export interface Unit {
  /** What its output is bounded by: nothing to bound, a limit that it can carry, or neither. */
  readonly output: "none" | "limited" | "unlimited";
  /** Upper bound of a request's input in tokens. */
  inputTokens(params: UnitParams): number;
  /** Upper bounds of what it may be billed by beside tokens of text. */
  bounds?(params: UnitParams): UnitBounds;
  usage(answer: unknown, params: UnitParams): ReportedUsage | undefined;
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
  bounds: ({ query, documents }) => ({
    searchUnits: searchUnits(query, fieldsOf(documents)["values"]),
  }),
  usage: rankingUsage,
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
  bounds: ({ n, files, mask }) => ({
    images: countOf(n),
    imageInputTokens: imageTokens(files, mask),
  }),
  usage: (answer, { files, mask }) => imageUsage(answer, imageTokens(files, mask) > 0),
};

/** Videos from a text and images. */
export const film: Unit = {
  output: "unlimited",
  inputTokens({ prompt, image, frameImages, inputReferences }) {
    return textTokens(prompt) + imageTokens(image, frameImages, inputReferences);
  },
  bounds: ({ duration, n, image, frameImages, inputReferences }) => ({
    seconds: countOf(n) * videoSeconds(duration),
    imageInputTokens: imageTokens(image, frameImages, inputReferences),
  }),
  usage(answer, { duration, n }) {
    return filmUsage(answer, typeof duration === "number" ? duration * countOf(n) : undefined);
  },
};

/** Speech from a text, or from a stream of texts. */
const spoken: Unit = {
  output: "unlimited",
  inputTokens({ text, instructions }) {
    return typeof text === "string" ? textTokens(text, instructions) : audioTokens(text);
  },
  bounds: ({ text }) => (typeof text === "string" ? { characters: text.length } : {}),
  usage(answer, { text }) {
    const tokens = tokenUsage(answer);
    return typeof text === "string" ? { ...tokens, characters: text.length } : tokens;
  },
};

/** A text from speech, or speech in another language. */
const heard: Unit = {
  output: "unlimited",
  inputTokens: ({ audio }) => audioTokens(audio),
  bounds: ({ audio }) => ({
    seconds: audioSeconds(audio),
    audioInputTokens: audioTokens(audio),
  }),
  usage: hearingUsage,
};

/**
 * Speech and transcription models look alike, and so does any model made by hand that lacks the
 * fields of its kind: only a request tells them apart.
 */
export function toldByRequest(params: UnitParams): Unit {
  if (params["audio"] !== undefined) return heard;
  if ("text" in params) return spoken;
  if ("duration" in params || "fps" in params) return film;
  return "n" in params ? picture : spoken;
}

/**
 * How many are asked for: one where a request does not say. What cannot be is the model's to
 * refuse.
 */
function countOf(n: unknown): number {
  return Number.isSafeInteger(n) && (n as number) > 0 ? (n as number) : 1;
}
