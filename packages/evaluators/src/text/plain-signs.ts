const DIGIT = /\p{Nd}/u;
/** The first digit beyond ASCII. */
const FIRST = 0x660;
/** For each code unit: 0 not looked at yet, 1 a digit, 2 none. */
const KINDS = new Uint8Array(65_536);
const OTHER_DIGITS =
  /[^\P{Nd}\d]|[\u066b\u066c]|(?<=\p{Nd})(?:\uff0e(?=\p{Nd})|\uff0c(?=\p{Nd}{3}(?!\p{Nd})))/gu;
const OTHER_SIGN = /[^\0-\x9f]/;
/**
 * Wide forms of ASCII; hyphens; spaces that do not break or have another width, and long dashes,
 * which part words as spaces do.
 */
const OTHER_SIGNS =
  /([\uff01-\uff5e])|[\u2010-\u2013\u2212]|[\u00a0\u2000-\u200a\u2014\u2015\u202f\u3000]/g;
const WIDE = 0xfee0;

/**
 * Writes digits of any script as ASCII ones, and Arabic and wide separators as a comma and a point.
 * Places in the text stay what they are: digits beyond the first 65,536 code points are left alone.
 */
export function plainDigits(text: string): string {
  return hasOtherDigit(text) ? text.replace(OTHER_DIGITS, toPlain) : text;
}

/** In a loop, which takes a tenth of the time of a pattern. */
function hasOtherDigit(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= FIRST && isDigit(code)) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  if (KINDS[code] === 0) KINDS[code] = DIGIT.test(String.fromCharCode(code)) ? 1 : 2;
  return KINDS[code] === 1;
}

/** Also writes wide letters and signs, dashes and spaces as ASCII ones. */
export function plainSigns(text: string): string {
  if (!OTHER_SIGN.test(text)) return text;
  const signs = text.replace(OTHER_SIGNS, (sign: string, wide?: string) => {
    if (wide !== undefined) return String.fromCharCode(wide.charCodeAt(0) - WIDE);
    return /[\s\u2014\u2015]/.test(sign) ? " " : "-";
  });
  return plainDigits(signs);
}

/** Digits of a script stand ten in a row, from a code that ends with 0 or with 6. */
function toPlain(sign: string): string {
  if (sign.length > 1) return sign;
  if (sign === "\u066b" || sign === "\uff0e") return ".";
  if (sign === "\u066c" || sign === "\uff0c") return ",";
  const code = sign.charCodeAt(0);
  const row = code & ~15;
  const zero = isDigit(row) ? row : row + 6;
  return String(code - zero);
}
