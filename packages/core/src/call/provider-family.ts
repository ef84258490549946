/**
 * What AI SDK providers append to their name for each kind of model; one of them does twice:
 * `google.generative-ai.interactions`.
 */
const KIND =
  /(?:\.(?:chat|responses|completions?|messages|conversation|interactions|embeddings?|embedding-model|textembedding|text-embedding|image|images|speech|transcription|video|reranking|generative-ai|converse)){1,2}$/i;

/**
 * A provider without the kind of model that a framework appends to its name: `openai.chat` and
 * `openai.responses` are `openai`, whether or not anybody knows the model's price.
 */
export function providerFamily(provider: string): string {
  return provider.replace(KIND, "");
}

/** The same of a call. A tool's provider is the server that owns it, under whatever name. */
export function familyOf(call: {
  readonly kind: "model" | "tool";
  readonly provider: string | undefined;
}): string | undefined {
  const { kind, provider } = call;
  return kind === "tool" || provider === undefined ? provider : providerFamily(provider);
}
