/** The longest run that is given to a tokenizer in one piece. */
const MAX_RUN = 64;

type CharacterClass = 0 | 1 | 2 | 3;

const SPACE = 0;
const DIGIT = 1;
const LETTER = 2;
const OTHER = 3;

/**
 * Text in pieces without a long unbroken run. A byte-pair tokenizer takes time quadratic in a run
 * that its pattern does not split (16,000 Chinese characters without a comma: a second), so that
 * one message could stop the event loop. Each cut may cost a token, and none is made in ordinary
 * text.
 *
 * Between ASCII characters of two kinds the patterns of `cl100k` and `o200k` always split;
 * characters outside of ASCII are taken to belong to what they follow.
 */
export function cutRuns(text: string): readonly string[] {
  let pieces: string[] | undefined;
  let from = 0;
  let runFrom = 0;
  let kind: CharacterClass = SPACE;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const next: CharacterClass = code < 0x80 ? classOf(code) : kind;
    if (next !== kind) {
      kind = next;
      runFrom = at;
    } else if (at - runFrom >= MAX_RUN && !isLowSurrogate(code)) {
      pieces ??= [];
      pieces.push(text.slice(from, at));
      from = at;
      runFrom = at;
    }
  }
  if (pieces === undefined) return [text];
  pieces.push(text.slice(from));
  return pieces;
}

function classOf(code: number): CharacterClass {
  if (code <= 0x20) return SPACE;
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? LETTER : OTHER;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
