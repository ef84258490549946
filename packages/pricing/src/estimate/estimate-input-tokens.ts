import { BYTES } from "./byte-measure.ts";
import { measureInput } from "./measure-input.ts";

/**
 * An upper bound of the tokens of a request's input: one a byte of UTF-8, which no byte-level
 * tokenizer exceeds, and constants for messages, tools, images and files. Takes AI SDK prompts,
 * LangChain messages, the providers' own request bodies, text, and any JSON. Never throws; input
 * without an end counts as a thousand million tokens.
 *
 * Long messages, and those of long conversations, are counted once by identity and must not be
 * changed deep inside afterwards.
 *
 * @example
 * estimateInputTokens([{ role: "user", content: "What is the weather in Łódź?" }]);
 */
export function estimateInputTokens(input: unknown): number {
  return measureInput(input, BYTES);
}
