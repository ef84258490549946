import { read } from "../shape.ts";

/** Tokens of an answer as OpenAI writes them: `{ token, logprob, top_logprobs }`. */
export type TokenProbabilities = readonly unknown[] | undefined;

const VERDICT = /"verdict"\s*:\s*"/gu;
const MAX_TOKENS = 20_000;

/**
 * How probable each label was at the place where the verdict begins, from the alternatives of that
 * token; undefined where the model gives none. A token that could begin two labels counts for none.
 * @see https://arxiv.org/abs/2303.16634 (G-Eval)
 */
export function verdictProbabilities(
  tokens: TokenProbabilities,
  schema: Readonly<Record<string, unknown>>,
): Readonly<Record<string, number>> | undefined {
  const labels = read(read(read(schema, "properties"), "verdict"), "enum");
  if (tokens === undefined || tokens.length > MAX_TOKENS || !Array.isArray(labels))
    return undefined;
  const place = verdictToken(tokens);
  if (place === undefined) return undefined;
  const sums = new Map<string, number>();
  for (const { text, probability } of alternativesOf(place.token)) {
    const label = labelOf(text.slice(place.skip), labels as readonly string[]);
    if (label !== undefined) sums.set(label, (sums.get(label) ?? 0) + probability);
  }
  return sums.size === 0 ? undefined : Object.fromEntries(sums);
}

/** The token in which the verdict's first letter stands, and how many characters come before it. */
function verdictToken(tokens: readonly unknown[]): { token: unknown; skip: number } | undefined {
  const texts = tokens.map((token) => String(read(token, "token") ?? ""));
  const start = [...texts.join("").matchAll(VERDICT)].at(-1);
  if (start === undefined) return undefined;
  let left = start.index + start[0].length;
  for (const [at, text] of texts.entries()) {
    if (left < text.length) return { token: tokens[at], skip: left };
    left -= text.length;
  }
  return undefined;
}

function alternativesOf(token: unknown): readonly { text: string; probability: number }[] {
  const top = read(token, "top_logprobs");
  const all = Array.isArray(top) && top.length > 0 ? top : [token];
  return all.flatMap((one: unknown) => {
    const [text, log] = [read(one, "token"), read(one, "logprob")];
    const known = typeof text === "string" && typeof log === "number" && log <= 0;
    return known ? [{ text, probability: Math.exp(log) }] : [];
  });
}

/** The one label that this text begins, or that ends before the text does (`pass"`). */
function labelOf(text: string, labels: readonly string[]): string | undefined {
  const word = text.replace(/".*$/su, "");
  const begun = labels.filter((label) => label.startsWith(word));
  return word !== "" && begun.length === 1 ? begun[0] : undefined;
}
