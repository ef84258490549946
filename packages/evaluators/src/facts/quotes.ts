import type { Fact } from "./fact.ts";

const QUOTED = /"([^"\n]{12,400})"|“([^”\n]{12,400})”|«([^»\n]{12,400})»/gu;

const ASCII = /^[\0-\x7f]*$/;
const MAX_QUOTATIONS = 200;

/** The first 200 quotations of two words and more, which claim to be somebody's very words. */
export function quotesIn(text: string): Fact[] {
  const facts: Fact[] = [];
  for (const match of text.matchAll(QUOTED)) {
    const words = foldQuote(match[1] ?? match[2] ?? match[3] ?? "");
    if (!words.includes(" ")) continue;
    const end = match.index + match[0].length;
    if (facts.length === MAX_QUOTATIONS) break; // each is looked for in the whole context
    facts.push({ key: words, start: match.index, end, kind: "quotation" });
  }
  return facts;
}

/** Letters and digits alone, so that a comma inside the marks does not make a quotation false. */
export function foldQuote(text: string): string {
  const between = ASCII.test(text) ? /[^a-z\d]+/g : /[^\p{L}\p{N}\p{M}]+/gu; // a third of the time
  return text.toLowerCase().replace(between, " ").trim();
}
