import { fieldBytes } from "../estimate/byte-measure.ts";
import { jsonBytes, textBytes } from "../estimate/json-bytes.ts";
import type { Counted, Frame, Measure } from "../estimate/measure.ts";
import { cutRuns } from "./cut-runs.ts";
import { TextCounts } from "./text-counts.ts";

/** Counts the tokens of a text, as `gpt-tokenizer`'s `countTokens` does. */
export type CountTokens = (
  text: string,
  options: { readonly disallowedSpecial: Set<string> },
) => number;

const MAX_REMEMBERED = 4_096;

/** `<|endoftext|>` in a message is text for the provider, and `gpt-tokenizer` throws at it. */
const SPECIAL_IS_TEXT = { disallowedSpecial: new Set<string>() };

/** What is sent as a word without a name. */
const BARE = new Set(["role", "type"]);

/** Weighs text with a tokenizer, as long as there is time for it, and never above its bytes. */
export class ExactMeasure implements Measure {
  /**
   * OpenAI documents 3 tokens a message besides its role and text, 1 for a name, 3 before the
   * answer, and 9 around all tools; the rest is margin.
   * @see https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
   */
  readonly frame: Frame = { request: 8, message: 4, part: 2, tools: 32, tool: 16 };
  readonly counted: WeakMap<object, Counted> = new WeakMap();
  readonly shortTokens: number = 16;
  files: boolean = false;
  rough: boolean = false;
  readonly #countTokens: CountTokens;
  readonly #maxLength: number;
  readonly #texts = new TextCounts(MAX_REMEMBERED);
  #left = 0;

  constructor(countTokens: CountTokens, maxLength: number) {
    this.#countTokens = countTokens;
    this.#maxLength = maxLength;
  }

  /** To be called before each request: from here on it may take its time again. */
  start(): void {
    this.#left = this.#maxLength;
    this.rough = false;
  }

  text(text: string): number {
    const bytes = textBytes(text);
    return bytes <= 1 ? bytes : this.#atMost(bytes, text);
  }

  json(value: unknown): number {
    return this.#written(value, jsonBytes(value));
  }

  field(key: string, value: unknown): number {
    if (typeof value === "string" && BARE.has(key)) return this.text(value);
    return Math.min(this.json(value) + this.text(key) + 3, fieldBytes(key, value));
  }

  /** With its line breaks: OpenAI writes a tool as a type, a line for each of its properties. */
  tool(tool: unknown): number {
    return this.#written(tool, jsonBytes(tool), 1);
  }

  #written(value: unknown, bytes: number, space?: number): number {
    if (bytes > this.#maxLength) return bytes;
    try {
      const json = JSON.stringify(value, null, space);
      return json === undefined ? bytes : this.#atMost(bytes, json);
    } catch {
      return bytes;
    }
  }

  /** Tokens of a text, but no more than `bytes`, which it is when it is too long to be counted. */
  #atMost(bytes: number, text: string): number {
    if (text.length > this.#maxLength) return bytes;
    const key = this.#texts.keyOf(text);
    const known = key === undefined ? undefined : this.#texts.get(key);
    if (known !== undefined) return Math.min(known, bytes);
    if (text.length > this.#left) {
      this.rough = true;
      return bytes;
    }
    this.#left -= text.length;
    const tokens = this.#count(text);
    if (tokens === undefined) return bytes;
    if (key !== undefined) this.#texts.set(key, tokens);
    return Math.min(tokens, bytes);
  }

  #count(text: string): number | undefined {
    try {
      let total = -1;
      for (const piece of cutRuns(text)) total += this.#countTokens(piece, SPECIAL_IS_TEXT) + 1;
      return Number.isSafeInteger(total) && total > 0 ? total : undefined;
    } catch {
      return undefined;
    }
  }
}
