/** A fraction that is one sign: `½` is 0.5, or 1 and 2. */
interface Fraction {
  readonly value: number;
  readonly parts: readonly [string, string];
  /** Where it ends. */
  readonly end: number;
}

const SPACE = 32;

/** The fraction here or behind one space, as in `2½` and `2 ½`. */
export function fractionAt(text: string, at: number): Fraction | undefined {
  const start = text.charCodeAt(at) === SPACE ? at + 1 : at;
  if (!isSign(text.charCodeAt(start))) return undefined;
  const [above = "", below = ""] = text.charAt(start).normalize("NFKC").split("\u2044");
  return { value: Number(above) / Number(below), parts: [above, below], end: start + 1 };
}

function isSign(code: number): boolean {
  return (code >= 0xbc && code <= 0xbe) || (code >= 0x2150 && code <= 0x215e);
}
