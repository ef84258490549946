import { type Fields, fieldsOf } from "./sdk-types.ts";

/** Tokens that a provider bills beside the totals that it reports. */
interface BilledBeside {
  readonly input: number;
  readonly output: number;
}

/**
 * Perplexity bills the sources that it cites as input. Anthropic bills what an advisor, another
 * model that the answering one asks, read and wrote: counted at the price of the answering one,
 * since a call has one model.
 */
export function billedBeside(raw: Fields, { anthropic, perplexity }: Fields): BilledBeside {
  const reported = fieldsOf(fieldsOf(perplexity)["usage"]);
  let input = countOf(raw["citation_tokens"] ?? reported["citationTokens"]);
  let output = 0;
  const iterations = raw["iterations"] ?? fieldsOf(fieldsOf(anthropic)["usage"])["iterations"];
  for (const iteration of Array.isArray(iterations) ? iterations : []) {
    const { type, input_tokens, output_tokens, ...rest } = fieldsOf(iteration);
    if (type !== "advisor_message") continue;
    const { cache_creation_input_tokens: written, cache_read_input_tokens: read } = rest;
    input += countOf(input_tokens) + countOf(written) + countOf(read);
    output += countOf(output_tokens);
  }
  return { input, output };
}

function countOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
