import { read } from "./shape.ts";

/**
 * The usage of a message, with a total that counts it once. `ChatXAI` hands on what a stream used
 * twice, first in xAI's own words. LangChain adds the two up: the totals, which have the same name
 * in both, and nothing else. How often it did, the model's own words tell, which it adds up likewise.
 */
export function toldOnce(usage: unknown, response: unknown): unknown {
  const own = read(response, "usage");
  if (own === undefined) return usage;
  const total = read(usage, "total_tokens");
  const times = Number(read(own, "prompt_tokens")) / Number(read(usage, "input_tokens"));
  const isRepeated = Number.isInteger(times) && times > 1 && read(own, "total_tokens") === total;
  return isRepeated ? { ...(usage as object), total_tokens: Number(total) / times } : usage;
}
