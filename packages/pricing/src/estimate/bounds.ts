/**
 * Figures that stand in for what bytes cannot bound. Each is at or above what providers document
 * for ordinary requests; they are constants, so that an estimate never needs to decode a file.
 */

/** Roles, separators and names around one message (OpenAI documents 3 to 4). */
export const MESSAGE_TOKENS = 16;

/** What primes the answer, and a provider's own preamble. */
export const REQUEST_TOKENS = 32;

/** The hidden instructions that come with tools; Anthropic documents up to 530. */
export const TOOLS_TOKENS = 640;

/** The frame around one tool's description. */
export const TOOL_TOKENS = 64;

/**
 * One image of unknown size. Anthropic's high-resolution images take up to 4,784, Gemini's up to
 * 2,240, OpenAI's 1,536 patches of `gpt-4.1-nano` 3,779. Not a bound for `gpt-4o-mini` (up to
 * some 48,000) and for OpenAI's `original` detail (10,000).
 * @see https://docs.claude.com/en/docs/build-with-claude/vision
 * @see https://platform.openai.com/docs/guides/images-vision
 */
export const IMAGE_TOKENS = 5_000;

/** A document, or a file behind an address or an id: about 60 dense pages, text and image. */
export const FILE_TOKENS = 100_000;

/** No model reads more of one file. */
export const MAX_FILE_TOKENS = 1_000_000;

/**
 * Bytes of audio or video for one token. Speech at 4 kbit/s is 500 bytes a second, and Gemini takes
 * 32 tokens for it.
 * @see https://ai.google.dev/gemini-api/docs/tokens
 */
export const MEDIA_BYTES_PER_TOKEN = 12;

/** A schema object of a validation library, whose JSON cannot be seen from here. */
export const SCHEMA_TOKENS = 4_000;

/** A value that threw when it was read. */
export const UNREADABLE_TOKENS = 100_000;

/** More than any call can have: the answer for input that has no end. */
export const UNBOUNDED_TOKENS = 1_000_000_000;

/** Objects that one value may hold before it is called endless. */
export const MAX_OBJECTS = 100_000;

/** Values in lists and objects that may wait to be looked at. */
export const MAX_PENDING = 5_000_000;
