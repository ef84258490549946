import type { Folded } from "./fold.ts";

const BASE = 0x01000193;

/** Visits the hash (31 bits) of each n-gram, rolling: a letter goes, a letter comes. */
export function eachGram(
  text: Folded,
  size: number,
  visit: (hash: number, at: number) => void,
): void {
  const { codes, length } = text;
  let leading = 1;
  for (let index = 1; index < size; index++) leading = Math.imul(leading, BASE);
  let rolling = 0;
  for (let at = 0; at < length; at++) {
    if (at >= size) rolling = (rolling - Math.imul(codes[at - size] ?? 0, leading)) | 0;
    rolling = (Math.imul(rolling, BASE) + (codes[at] ?? 0)) | 0;
    if (at >= size - 1) visit(mix(rolling), at - size + 1);
  }
}

function mix(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 1; // a small integer is not allocated
}
