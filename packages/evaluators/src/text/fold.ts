const SPACE = 32;
const WORD = 1;
const BETWEEN = 2;
/** As if it were not there: what a writer may leave out, and what only shapes its neighbour. */
const NOTHING = 3;
/** May be one letter with the one before: `e` and an accent, syllables of Korean. */
const JOINING = 4;
/** The first half of an emoji. */
const EMOJI = 5;
/** For each code unit outside ASCII what it is; 0: not looked at yet. */
const KINDS = new Uint8Array(65_536);
/** Soft hyphens, joiners, choices of a glyph; vowel marks of Arabic and Hebrew. */
const SILENT =
  /[\u00ad\u200c-\u200f\u2060\ufeff\u0640]|[\ufe00-\ufe0f]|\u20e3|[\u064b-\u0652\u0670]|[\u0591-\u05bd]/;
const JOINERS = /[\u0300-\u036f\u0653-\u0655\u1161-\u1175\u11a8-\u11c2\u3099\u309a]/;
const LETTER = /[\p{L}\p{N}\p{M}\p{Cs}]/u;

/** Text as it is compared: small letters, one space for whatever is between words. */
export interface Folded {
  readonly codes: Uint16Array;
  readonly length: number;
  /** Where each code stood in the text. */
  readonly offsets: Uint32Array;
}

/**
 * Folds case, composition (NFC), punctuation, emoji and spaces away, with a space at both ends.
 * Linear, and offsets stay those of the text, because a letter whose small form is longer is kept
 * as it is.
 */
export function fold(text: string): Folded {
  const whole = text.toLowerCase();
  const lower = whole.length === text.length ? whole : lowerEach(text);
  const codes = new Uint16Array(text.length + 2);
  const offsets = new Uint32Array(text.length + 2);
  codes[0] = SPACE;
  let length = 1;
  for (let at = 0; at < lower.length; at++) {
    const code = lower.charCodeAt(at);
    const kind = kindOf(code);
    const start = at;
    if (kind === EMOJI) at++;
    else if (kind === NOTHING || (kind === JOINING && join(codes, length - 1, code))) continue;
    const isWord = kind === WORD || kind === JOINING;
    if (!isWord && codes[length - 1] === SPACE) continue;
    codes[length] = isWord ? code : SPACE;
    offsets[length] = start;
    length++;
  }
  if (codes[length - 1] !== SPACE) {
    codes[length] = SPACE;
    offsets[length] = text.length;
    length++;
  }
  return { codes, length, offsets };
}

function lowerEach(text: string): string {
  return text
    .replace(/[^\0-\x7f]/g, (letter) => {
      const lower = letter.toLowerCase();
      return lower.length === 1 ? lower : letter;
    })
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a sign became one with the letter before. */
function join(codes: Uint16Array, last: number, code: number): boolean {
  const joined = String.fromCharCode(codes[last] ?? SPACE, code).normalize("NFC");
  if (joined.length > 1) return false;
  codes[last] = joined.charCodeAt(0);
  return true;
}

function kindOf(code: number): number {
  if (code < 128) {
    return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) ? WORD : BETWEEN;
  }
  const known = KINDS[code] ?? 0;
  if (known !== 0) return known;
  const kind = kindOfSign(code, String.fromCharCode(code));
  KINDS[code] = kind;
  return kind;
}

function kindOfSign(code: number, sign: string): number {
  if (SILENT.test(sign)) return NOTHING;
  if (JOINERS.test(sign)) return JOINING;
  if (code >= 0xd83c && code <= 0xd83e) return EMOJI;
  return LETTER.test(sign) ? WORD : BETWEEN;
}
