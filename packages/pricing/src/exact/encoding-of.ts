import type { RateCard } from "@burnrate/core";

/** The encodings that OpenAI's chat and embedding models use. */
export type EncodingName = "o200k" | "cl100k";

/** Who serves OpenAI's models under OpenAI's names. */
const PROVIDERS = new Set(["openai", "azure"]);

/** By family, with versions spelled out: the tokenizer of a version to come is not known. */
const O200K =
  /^(?:gpt-4o|chatgpt-4o|gpt-4\.[15]|gpt-5(?:\.[1-6])?|o1|o3|o4-mini|codex-mini)(?![\w.])/;
const CL100K = /^(?:gpt-4|gpt-3\.5-turbo|text-embedding-3|text-embedding-ada-002)(?![\w.])/;

/**
 * The encoding of a model; undefined when nobody outside its maker can count its tokens.
 * @see https://github.com/openai/tiktoken/blob/main/tiktoken/model.py
 */
export function encodingOf({ provider, model }: RateCard): EncodingName | undefined {
  if (!PROVIDERS.has(provider)) return undefined;
  if (O200K.test(model)) return "o200k";
  return CL100K.test(model) ? "cl100k" : undefined;
}
