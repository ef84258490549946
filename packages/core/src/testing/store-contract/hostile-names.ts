/** Numbers that look random and are the same in every run (Numerical Recipes' generator). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** So many characters that hardly shrink when they are compressed. */
function longText(length: number, firstCode: number, codes: number): string {
  const random = randomFrom(length);
  const codePoints = Array.from({ length }, () => firstCode + random(codes));
  return String.fromCodePoint(...codePoints);
}

const LONG = longText(2_000, 0x21, 93);

/** What users, models and attackers put into names; none of it may mean anything to a store. */
export const HOSTILE_NAMES: readonly string[] = [
  "",
  " ",
  " padded ",
  'it\'s "quoted" `back` \\ end\\',
  "line\nbreak\r\n\ttab\u001b[31m",
  "{}",
  "{tag}:*",
  "a:b|c/d,e;f",
  "%_%",
  "?[a-z]*^$",
  "$1 ?1 :x @x #{x}",
  "'; DROP TABLE accounts; --",
  "NULL",
  "0",
  "-0",
  "1e3",
  "__proto__",
  "constructor",
  "ночь 夜 🌙 שלום \u202e\u200b",
  "é",
  "e\u0301",
  "e",
  "E",
  LONG,
  `${LONG.slice(0, -1)}\u007e`,
  longText(1_300, 0x4e00, 20_000),
];
