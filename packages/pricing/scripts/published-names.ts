/**
 * Names that a provider has published and that genai-prices covers only by a prefix, so that no
 * name has to be guessed at run time. `compile-prices.ts` asks genai-prices which model each one
 * is. Snapshots with a full date need no entry: `gpt-5-2025-08-07`, `claude-opus-4-1@20250805`.
 */
export const PUBLISHED_NAMES: Readonly<Record<string, readonly string[]>> = {
  google: [
    "gemini-1.5-flash-001",
    "gemini-1.5-flash-002",
    "gemini-1.5-pro-001",
    "gemini-1.5-pro-002",
    "gemini-2.0-flash-001",
    "gemini-2.0-flash-lite-001",
    "gemini-2.5-flash-lite-preview-06-17",
    "gemini-2.5-flash-lite-preview-09-2025",
    "gemini-2.5-pro-preview-03-25",
    "gemini-2.5-pro-preview-05-06",
    "gemini-2.5-pro-preview-06-05",
  ],
  openai: ["ft:gpt-3.5-turbo-0125", "ft:gpt-3.5-turbo-0613", "ft:gpt-3.5-turbo-1106"],
};
