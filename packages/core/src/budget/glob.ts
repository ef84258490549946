/**
 * Compiles a pattern in which `*` stands for any run of characters, also none, and everything else
 * for itself, in upper or lower case: a budget or a kill must not miss a model because a provider
 * spells it differently. It never backtracks over a `*`: no pattern and no text makes it slow.
 *
 * @example
 * const isOpus = compileGlob("claude-opus-*");
 * isOpus("Claude-Opus-4-5"); // true
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  const [prefix = "", ...rest] = wanted.split("*");
  const suffix = rest.pop();
  if (suffix === undefined) return (text) => text.toLowerCase() === wanted;
  const middle = rest.filter((part) => part !== "");
  return (original) => {
    const text = original.toLowerCase();
    const end = text.length - suffix.length;
    if (end < prefix.length || !text.startsWith(prefix) || !text.endsWith(suffix)) return false;
    return containsInOrder(text, middle, prefix.length, end);
  };
}

/** Taking each part at its first place is enough: it leaves the most room for the next ones. */
function containsInOrder(
  text: string,
  parts: readonly string[],
  from: number,
  end: number,
): boolean {
  let position = from;
  for (const part of parts) {
    const found = text.indexOf(part, position);
    if (found < 0) return false;
    position = found + part.length;
  }
  return position <= end;
}

/** Whether some text matches both patterns: reads one, and keeps where the other may stand. */
export function globsOverlap(one: string, other: string): boolean {
  const wanted = other.toLowerCase();
  let places = withEmptyRuns(wanted, [0]);
  for (const character of one.toLowerCase().split("")) {
    const next =
      character === "*" ? everyPlaceFrom(wanted, places) : stepsOf(wanted, places, character);
    places = withEmptyRuns(wanted, next);
  }
  return places.includes(wanted.length);
}

function stepsOf(pattern: string, places: readonly number[], character: string): number[] {
  return places.flatMap((place) => {
    if (pattern[place] === "*") return [place];
    return pattern[place] === character ? [place + 1] : [];
  });
}

/** Whatever the pattern says next, a `*` of the other one stands for it. */
function everyPlaceFrom(pattern: string, places: readonly number[]): number[] {
  const first = Math.min(...places);
  return Array.from({ length: pattern.length + 1 }, (_, place) => place).filter((p) => p >= first);
}

/** A `*` may stand for nothing: then what follows it is next. */
function withEmptyRuns(pattern: string, places: readonly number[]): readonly number[] {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "*") all.add(place + 1);
  return [...all];
}
