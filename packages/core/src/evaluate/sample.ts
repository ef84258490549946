/** FNV-1a offset basis and prime for 32 bits. @see https://www.rfc-editor.org/rfc/rfc9923 */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Whether an evaluator looks at a call: the same answer each time for the same pair, and
 * independent between evaluators, so that a replay judges the same calls.
 */
export function isSampled(evaluator: string, callId: string, fraction: number): boolean {
  if (fraction >= 1) return true;
  if (fraction <= 0) return false;
  let hash = OFFSET;
  const text = `${evaluator}\n${callId}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  }
  // Final mix (murmur3): neighbouring ids must not fall into neighbouring buckets.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < fraction;
}
