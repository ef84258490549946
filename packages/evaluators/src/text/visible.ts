import type { Evidence } from "../evaluator.ts";

/**
 * What shows nothing: soft hyphens, zero-width signs, marks of direction, choices of a glyph, tags.
 * @see https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const HIDDEN = /\p{Default_Ignorable_Code_Point}/u;
const EACH_HIDDEN = new RegExp(HIDDEN, "gu");
const ZERO_WIDTH_SPACE = "\u200b";

/**
 * Searches a text as its reader sees it, without signs that show nothing; places are those of the
 * text as it is. A zero-width space may stand in a word or between two: it is tried as both.
 */
export function searchVisible(
  text: string,
  search: (visible: string) => readonly Evidence[],
): readonly Evidence[] {
  if (!HIDDEN.test(text)) return search(text);
  const found = searchWithout(text, search);
  if (!text.includes(ZERO_WIDTH_SPACE)) return found;
  const parted = searchWithout(text.replaceAll(ZERO_WIDTH_SPACE, " "), search);
  const known = new Uint8Array(text.length);
  for (const { start, end } of found) known.fill(1, start, end);
  return [...found, ...parted.filter(({ start, end }) => !known.subarray(start, end).includes(1))];
}

function searchWithout(
  text: string,
  search: (visible: string) => readonly Evidence[],
): readonly Evidence[] {
  const visible = text.replaceAll(EACH_HIDDEN, "");
  const found = search(visible);
  if (found.length === 0) return found;
  const offsets = new Uint32Array(visible.length);
  let next = 0;
  for (let at = 0; next < visible.length; at++) {
    if (text.charCodeAt(at) === visible.charCodeAt(next)) offsets[next++] = at;
  }
  return found.map(({ start, end, kind }) => ({
    start: offsets[start] ?? 0,
    end: (offsets[end - 1] ?? text.length) + 1,
    kind,
  }));
}
