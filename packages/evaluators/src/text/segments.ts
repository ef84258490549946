import type { Folded } from "./fold.ts";

const END = /[.!?。！？\n](?=\s|$|\P{ASCII})/gu;
const LONGEST = 400;

/** For each place in a folded text the number of its sentence; one goes on for 400 at most. */
export function segmentsOf(text: string, folded: Folded): { of: Uint32Array; count: number } {
  const of = new Uint32Array(folded.length);
  let end = END.exec(text)?.index ?? text.length;
  let segment = 0;
  let begun = 0;
  for (let at = 0; at < folded.length; at++) {
    const offset = folded.offsets[at] ?? 0;
    if (offset > end || at - begun >= LONGEST) {
      segment++;
      begun = at;
      while (offset > end) end = END.exec(text)?.index ?? Infinity;
    }
    of[at] = segment;
  }
  END.lastIndex = 0;
  return { of, count: segment + 1 };
}
