import { providerFamily } from "@burnrate/core/adapter";

/** Other spellings of the providers that genai-prices has, in frameworks' and our users' words. */
const SPELLINGS: Readonly<Record<string, string>> = {
  "amazon-bedrock": "aws",
  amazon: "aws",
  bedrock: "aws",
  "bedrock-converse": "aws",
  "bedrock.anthropic": "aws",
  "azure-openai": "azure",
  azureopenai: "azure",
  "azure.openai": "azure",
  "fireworks-ai": "fireworks",
  fireworksai: "fireworks",
  gemini: "google",
  googleai: "google",
  "google-ai": "google",
  "google-genai": "google",
  "google-generative-ai": "google",
  "google-generativeai": "google",
  "google-vertex": "google",
  "google-vertexai": "google",
  "google.vertex": "google",
  "google.vertex.anthropic": "google",
  googlegenerativeai: "google",
  "googlevertex.anthropic": "google",
  googlevertex: "google",
  vertex: "google",
  vertexai: "google",
  "vertex-ai": "google",
  "vertex.anthropic": "google",
  mistralai: "mistral",
  moonshot: "moonshotai",
  "moonshot-ai": "moonshotai",
  spacexai: "x-ai",
  "together-ai": "together",
  togetherai: "together",
  voyage: "voyageai",
  "workers-ai": "cloudflare",
  xai: "x-ai",
};

/** Longer names are nobody's provider, and would cost memory to remember. */
const MAX_LENGTH = 100;
const TOO_LONG = "(too long)";

/**
 * One name for a provider's many: `openai.chat` and `openai.responses` are `openai`,
 * `google_vertexai` is `google`. A name that nobody knows, such as that of an OpenAI-compatible
 * server, stays what it is, and has no prices but those that overrides give it.
 */
export function normalizeProvider(name: string): string {
  if (name.length > MAX_LENGTH) return TOO_LONG;
  const spelt = providerFamily(name.trim().toLowerCase().replaceAll("_", "-"));
  return Object.hasOwn(SPELLINGS, spelt) ? (SPELLINGS[spelt] as string) : spelt;
}
