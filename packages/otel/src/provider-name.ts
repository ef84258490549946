/** Spellings of frameworks, by the conventions' value of `gen_ai.provider.name`. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ["amazon-bedrock", "aws.bedrock"],
  ["bedrock", "aws.bedrock"],
  ["azure", "azure.ai.openai"],
  ["azure-openai", "azure.ai.openai"],
  ["google", "gcp.gemini"],
  ["google_genai", "gcp.gemini"],
  ["google.generative-ai", "gcp.gemini"],
  ["google.vertex", "gcp.vertex_ai"],
  ["google_vertexai", "gcp.vertex_ai"],
  ["vertex", "gcp.vertex_ai"],
  ["mistral", "mistral_ai"],
  ["mistralai", "mistral_ai"],
  ["watsonx", "ibm.watsonx.ai"],
  ["xai", "x_ai"],
]);

/**
 * The conventions' name of a provider as frameworks spell it: `openai.responses` is `openai`. What
 * is not known goes as it is, and `unknown` where nobody said.
 */
export function providerName(provider: string | undefined): string {
  if (provider === undefined) return "unknown";
  const known = PROVIDERS.get(provider);
  if (known !== undefined) return known;
  const dot = provider.lastIndexOf(".");
  if (dot <= 0) return provider;
  const family = provider.slice(0, dot);
  return PROVIDERS.get(family) ?? family;
}
