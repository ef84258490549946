const SPACE = 32;
/** For each code unit outside ASCII: 0 not looked at yet, 1 part of a word, 2 not. */
const KINDS = new Uint8Array(65_536);
const WORD = /[\p{L}\p{N}\p{M}\p{Cs}]/u;

/** Text as it is compared: small letters, one space for whatever is between words. */
export interface Folded {
  readonly codes: Uint16Array;
  readonly length: number;
  /** Where each code stood in the text. */
  readonly offsets: Uint32Array;
}

/**
 * Folds case, punctuation and spaces away, with a space at both ends. Linear, and offsets stay
 * those of the text, because a letter whose small form is longer is kept as it is.
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
    const isWord = isWordCode(code);
    if (!isWord && codes[length - 1] === SPACE) continue;
    codes[length] = isWord ? code : SPACE;
    offsets[length] = at;
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

function isWordCode(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
  const known = KINDS[code];
  if (known !== 0) return known === 1;
  const isWord = WORD.test(String.fromCharCode(code));
  KINDS[code] = isWord ? 1 : 2;
  return isWord;
}
