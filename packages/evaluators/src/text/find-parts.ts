/**
 * Below this product of lengths the plain search is faster, and takes at most some 0.2 s on any
 * text.
 */
const PLAIN = 1_000_000_000;

/**
 * Which of the parts stand in the text. Linear in the length of both together where the plain
 * search of each part could take time in the product: `a…ab` in `a…a`.
 * @param isThere Whether a place counts (default: each does).
 * @see https://doi.org/10.1145/360825.360855 (Aho and Corasick)
 */
export function findParts(
  text: string,
  parts: readonly string[],
  isThere: (start: number, end: number) => boolean = () => true,
): ReadonlySet<string> {
  const wanted = [...new Set(parts)].filter((part) => part.length <= text.length);
  const length = wanted.reduce((sum, part) => sum + part.length, 0);
  if (length * text.length > PLAIN) {
    return new Set(inLots(wanted).flatMap((lot) => findAll(text, lot, isThere)));
  }
  const has = (part: string): boolean => {
    let at = text.indexOf(part);
    while (at >= 0 && !isThere(at, at + part.length)) at = text.indexOf(part, at + 1);
    return at >= 0;
  };
  return new Set(wanted.filter(has));
}

/** Most characters of parts that are looked for at once, which is what bounds the memory. */
const LOT = 262_144;

function inLots(parts: readonly string[]): string[][] {
  const lots: string[][] = [];
  let room = 0;
  for (const part of parts) {
    room -= part.length;
    if (room < 0) {
      lots.push([]);
      room = LOT - part.length;
    }
    lots.at(-1)?.push(part);
  }
  return lots;
}

/** A state is how much of some part the text has just said; 0 is nothing. */
interface Automaton {
  /** Of `state * 65536 + code`. */
  readonly next: ReadonlyMap<number, number>;
  /** The longest shorter state that the text has said too. */
  readonly shorter: Int32Array;
  /** The part that a state is the whole of. */
  readonly ends: Map<number, string>;
  /** The nearest shorter state with an end, or 0. */
  readonly exits: Int32Array;
}

function findAll(
  text: string,
  parts: readonly string[],
  isThere: (start: number, end: number) => boolean,
): readonly string[] {
  const automaton = build(parts);
  const { ends, exits } = automaton;
  const found: string[] = [];
  let state = 0;
  for (let at = 0; at < text.length && ends.size > 0; at++) {
    state = step(automaton, state, text.charCodeAt(at));
    let end = ends.has(state) ? state : (exits[state] ?? 0);
    for (; end > 0; end = exits[end] ?? 0) {
      const part = ends.get(end);
      if (part === undefined || !isThere(at + 1 - part.length, at + 1)) continue;
      found.push(part);
      ends.delete(end);
    }
  }
  return found;
}

function step({ next, shorter }: Omit<Automaton, "ends" | "exits">, from: number, code: number) {
  for (let state = from; ; state = shorter[state] ?? 0) {
    const to = next.get(state * 65_536 + code);
    if (to !== undefined) return to;
    if (state === 0) return 0;
  }
}

function build(parts: readonly string[]): Automaton {
  const { next, ends, levels } = grow(parts);
  const states = next.size + 1;
  const shorter = new Int32Array(states);
  const exits = new Int32Array(states);
  for (const { state, parent, code } of levels.flat()) {
    if (parent > 0) shorter[state] = step({ next, shorter }, shorter[parent] ?? 0, code);
    const suffix = shorter[state] ?? 0;
    exits[state] = ends.has(suffix) ? suffix : (exits[suffix] ?? 0);
  }
  return { next, shorter, ends, exits };
}

/** The states, those of shorter beginnings first. */
function grow(parts: readonly string[]) {
  const next = new Map<number, number>();
  const ends = new Map<number, string>();
  const levels: { state: number; parent: number; code: number }[][] = [];
  for (const part of parts) {
    let parent = 0;
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at);
      const key = parent * 65_536 + code;
      const state = next.get(key) ?? next.size + 1;
      if (state > next.size) {
        const level = levels[at] ?? [];
        level.push({ state, parent, code });
        levels[at] = level;
        next.set(key, state);
      }
      parent = state;
    }
    ends.set(parent, part);
  }
  return { next, ends, levels };
}
