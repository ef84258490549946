/**
 * Sizes behind a number, by their power of ten, in the larger languages of Latin letters. `billion`
 * is the English one, and not that of French.
 */
const WORDS: Readonly<Record<number, string>> = {
  2: "hundred",
  3: "k thousand tausend tsd mille mila mil",
  6: "m mn million millions millionen mio millón millones milhão milhões milione milioni miljoen mln",
  9: "b bn billion milliarde milliarden mrd milliard milliards bilhão bilhões miliardo miliardi miljard mld",
  12: "t tn trillion billionen billón billones trilhão trilhões biljoen",
};
/** `3 mil millones`. */
const IN_TWO = ["mil millones", "mil milhões"];

const POWERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(WORDS).flatMap(([power, words]) =>
    words.split(" ").map((word) => [word, Number(power)] as const),
  ),
  ...IN_TWO.map((words) => [words, 9] as const),
]);

/** All of them, for a pattern; the longer ones come first. */
export const SIZE_WORDS: string = [...POWERS.keys()]
  .toSorted((one, other) => other.length - one.length)
  .join("|");

/** The power of ten of one of them, however its letters are written. */
export function powerOf(size: string): number {
  return POWERS.get(size.toLowerCase()) ?? 0;
}
