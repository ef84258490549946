import type { Fact } from "./fact.ts";

/** Pairs of marks, whatever their length: a short quotation must not part the next pair. */
const QUOTED =
  /"([^"\n]*)"|“([^“”\n]*)”|„([^„“”\n]*)[“”]|«([^«»\n]*)»|»([^«»\n]*)«|「([^「」\n]*)」|『([^『』\n]*)』/gu;
const MIN_LENGTH = 12;
const MAX_LENGTH = 400;

/** Chinese and Japanese write words without spaces. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u;

const ASCII = /^[\0-\x7f]*$/;
const MAX_QUOTATIONS = 200;

/** The first 200 quotations of two words and more, which claim to be somebody's very words. */
export function quotesIn(text: string): Fact[] {
  const facts: Fact[] = [];
  for (const match of text.matchAll(QUOTED)) {
    const quoted = match.slice(1).find((group) => group !== undefined) ?? "";
    if (quoted.length < MIN_LENGTH || quoted.length > MAX_LENGTH) continue;
    const words = foldQuote(quoted);
    if (!words.includes(" ") && !UNSPACED.test(words)) continue;
    const end = match.index + match[0].length;
    if (facts.length === MAX_QUOTATIONS) break; // each is looked for in the whole context
    facts.push({ key: words, start: match.index, end, kind: "quotation" });
  }
  return facts;
}

/** Letters and digits alone, so that a comma inside the marks does not make a quotation false. */
export function foldQuote(text: string): string {
  const between = ASCII.test(text) ? /[^a-z\d]+/g : /[^\p{L}\p{N}\p{M}]+/gu; // a third of the time
  return text.normalize("NFC").toLowerCase().replace(between, " ").trim();
}
