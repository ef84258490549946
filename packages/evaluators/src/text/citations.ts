import type { EvaluatorInput, Evidence } from "../evaluator.ts";
import { withoutListNumbers } from "./list-numbers.ts";
import { plainDigits } from "./plain-signs.ts";
import { foldName, readSources, type Sources } from "./read-sources.ts";
import { withoutCode } from "./without-code.ts";

/** Most that are looked for in the texts of the sources. */
export const MAX_CITATIONS = 200;
/** `[3]`, `[^3]`, `[1, 2]`, `【3†source】`; and names in brackets, as `[doc-7]` and `[a.pdf]`. */
const BRACKETED = /[[【［]\^?([^[\]【】［］\n]{1,80})[\]】］](?!\()/gu;
/** As in running text: brackets in pairs and apostrophes in a word are its own, other quotes are not. */
const ADDRESS =
  /https?:\/\/(?:[^\s<>()[\]"'‘’“”«»`…|，。、；：！？（）【】「」《》]|\([^\s<>()[\]]{0,200}\)|['’](?=\w)){1,2000}/gu;
/** `[1](https://…)`: the number of a source as the text of a link. */
const LINKED = /\[\^?(\d{1,4})\]\(<?(?=https?:)/gu;
const BEHIND = /^>?\)\s{0,2}(?:[\n.,;:!?)[。，、；：！？）]|$)/u;
const NUMBERS = /^\d{1,4}(?:\s?[,;–-]\s?\d{1,4})*$|^\d{5,15}(?:\s?[,;]\s?\d{5,15})*$/u;
/** What stands before a source in its brackets. */
const LABEL =
  "(?:source|document|doc|cite|reference|ref|quellen?|dokument|fuente|documento|font[ei]|bron(?:nen)?|出典|来源|來源|출처)s?";
/** `[Source 3]`, `[citation:3]`, `[ref. 3]`, `[cite: 1, 2]`, `[Quelle 3]`: the numbers of documents. */
const LABELLED = new RegExp(
  String.raw`^(?:${LABEL}|(?:passage|chunk|citation|context)s?)[.:：]?[ #]{0,2}(\d{1,4}(?:\s?[,;–-]\s?\d{1,4})*)$`,
  "iu",
);
/** `[handbook.pdf]`, `[Source: handbook.pdf, p. 3]`: the names of files. */
const FILE = new RegExp(
  String.raw`^(?:${LABEL}(?:[:：]\s{0,2}|\.?\s{1,2}))?([\p{L}\p{M}\w.%/-]{1,60}\.(?:pdf|md|txt|rtf|odt|docx?|pptx?|xlsx?|html?|csv|epub))(?:[:#\s].*)?$`,
  "iu",
);
/** Where OpenAI's file search found something, `【4:0†a.pdf】`: its own numbers, and no document's. */
const FOUND = /【\d{1,4}:\d{1,4}†[^【】\n]{0,80}】/gu;
/**
 * A name in brackets is only a citation when it looks like one: `[doc-7]`, not `[sic]` or
 * `[12:30]`.
 */
const NAMED = /^(?=[^a-z]*[a-z])[\w.:/-]*\d[\w.:/-]*$/iu;

/** A mark of a source in an answer. */
export interface Citation extends Evidence {
  readonly name: string;
  /** All of the mark, where it may be an id: `[doc7]` is the seventh document or `doc7`. */
  readonly other?: string;
}

/** The numbers, names and addresses of sources, outside of code. */
export function citationsIn(given: string): Citation[] {
  const text = withoutCode(plainDigits(given));
  const found: Citation[] = [];
  for (const match of text.matchAll(BRACKETED)) {
    const [whole, inner = ""] = match;
    const [before = ""] = inner.split("†");
    const files = filesIn(before);
    const name = LABELLED.exec(before)?.[1] ?? before;
    if (files.length === 0 && !NUMBERS.test(name) && !NAMED.test(name)) continue;
    const names = files.length > 0 ? files : partsOf(name);
    const other = name !== before && NAMED.test(before) ? { other: before } : {};
    const place = { start: match.index, end: match.index + whole.length, kind: "source", ...other };
    found.push(...names.map((part) => ({ ...place, name: part })));
  }
  for (const match of text.matchAll(ADDRESS)) {
    const name = withoutLastPoints(match[0]);
    found.push({ start: match.index, end: match.index + name.length, kind: "address", name });
  }
  return found;
}

/**
 * A full stop after an address ends the sentence, and a star or a low line what it is set in. In a
 * loop, because a pattern would be quadratic.
 */
function withoutLastPoints(address: string): string {
  let end = address.length;
  while (".,;:!?*_~".includes(address[end - 1] ?? " ")) end--;
  return address.slice(0, end);
}

/** Pages and the like may stand behind a file, and other files. */
function filesIn(inner: string): string[] {
  const [first, ...others] = inner.split(/[,;]/u).map((part) => FILE.exec(part.trim())?.[1]);
  return first === undefined ? [] : [first, ...others.filter((file) => file !== undefined)];
}

function partsOf(name: string): string[] {
  return NUMBERS.test(name) ? name.split(/\s?[,;–-]\s?/u) : [name];
}

/** Whether a source is cited by its number. */
export function isNumber(name: string): boolean {
  return /^\d+$/u.test(name);
}

/**
 * A name as names are compared. Behind an address words of a script without spaces may stand at
 * once, or be its own: both are tried.
 */
export function spellingsOf(name: string): readonly string[] {
  const [plain = ""] = /^[!-~]*/.exec(name) ?? [];
  const spellings = plain === name ? [name] : [name, plain];
  return spellings.map(foldName).filter((spelling) => spelling.length > 0);
}

/** Whether a source of this number, id or address was handed in. */
export function isSource(
  { name, other }: Pick<Citation, "name" | "other">,
  sources: Sources,
): boolean {
  const { count, names } = sources;
  if (other !== undefined && isSource({ name: other }, sources)) return true;
  if (!isNumber(name)) return spellingsOf(name).some((spelling) => names.has(spelling));
  return (Number(name) >= 1 && Number(name) <= count) || names.has(name);
}

/**
 * Blanks the numbers of lists, and the marks of sources that exist, as `[1]` and their addresses:
 * they say where something stands, and are no claims. As long as before, so that places stay what
 * they are.
 */
export function withoutMarks(output: string, given: EvaluatorInput): string {
  const text = withoutListNumbers(output).replace(FOUND, (mark) => " ".repeat(mark.length));
  const cited = citationsIn(text);
  if (cited.length === 0) return text;
  const sources = readSources(given);
  if (sources === undefined) return text;
  const open = new Set(
    cited.filter((citation) => !isSource(citation, sources)).map(({ start }) => start),
  );
  const known = cited.filter(({ start }) => !open.has(start));
  const marks = [...known, ...linkNumbers(text, sources, known)].toSorted(
    (one, other) => one.start - other.start,
  );
  let blanked = "";
  let done = 0;
  for (const { start, end } of marks) {
    const from = Math.max(start, done); // an address may stand in brackets that are a mark, too
    if (end <= from) continue;
    blanked += text.slice(done, from) + " ".repeat(end - from);
    done = end;
  }
  return blanked + text.slice(done);
}

/** Those of a source that exists, or that the link behind a statement leads to. */
function linkNumbers(text: string, sources: Sources, known: readonly Citation[]) {
  const ends = new Map(known.map(({ start, end }) => [start, end]));
  return [...text.matchAll(LINKED)]
    .map(({ 0: { length }, 1: name = "", index }) => ({ name, start: index, end: index + length }))
    .filter((link) => isSource(link, sources) || isBehind(text, ends.get(link.end)));
}

/** Whether the sentence or its part is over behind a link; `[23](https://…) lines` is a figure. */
function isBehind(text: string, end: number | undefined): boolean {
  return end !== undefined && BEHIND.test(text.slice(end, end + 5));
}
