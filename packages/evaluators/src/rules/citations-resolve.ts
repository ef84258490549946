import { checkWholeNumber } from "@burnrate/core/adapter";
import {
  type EvaluatorOptions,
  type Evidence,
  inconclusive,
  type RuleEvaluator,
} from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, quoteEvidence, scored } from "../rule.ts";
import { findParts } from "../text/find-parts.ts";
import { readContext } from "../text/read-context.ts";
import { foldName, readSources, type Sources } from "../text/read-sources.ts";

/** Options of {@link citationsResolve}. */
export interface CitationsResolveOptions extends EvaluatorOptions {
  /** Fewest citations that an answer must have (default 0). */
  readonly minimum?: number;
}

const MAX_CITATIONS = 200;
/** `[3]`, `[^3]`, `[1, 2]`, `【3†source】`; and names in brackets, as `[doc-7]`. */
const BRACKETED = /[[【]\^?([^[\]【】\n]{1,80})[\]】](?!\()/gu;
const ADDRESS = /https?:\/\/[^\s<>()[\]"'`，。）】]{1,2000}/gu;
const NUMBERS = /^\d{1,4}(?:\s?[,;–-]\s?\d{1,4})*$/u;
/** `[Source 3]`, `[citation:3]`, `[ref. 3]`: the number of a document. */
const LABELLED =
  /^(?:source|document|doc|passage|chunk|citation|cite|reference|ref|context)s?[.:]?[ #]{0,2}(\d{1,4})$/iu;
/**
 * A name in brackets is only a citation when it looks like one: `[doc-7]`, not `[sic]` or
 * `[12:30]`.
 */
const NAMED = /^(?=[^a-z]*[a-z])[\w.:/-]*\d[\w.:/-]*$/iu;
/** `[2023]` is a year unless there are so many documents. */
const YEAR = /^(?:1[5-9]|20)\d\d$/u;
/** `list[0]` in code is an index. */
const CODE = /```[^`]*(?:```|$)|`[^`\n]{1,200}`/gu;

/**
 * Whether what an answer cites exists: numbers within the documents of the context (from 1), ids
 * and addresses among theirs or in their text.
 *
 * Sees: made-up sources. Does not see: whether the source says so, author-year citations, titles.
 * Documents are counted in `context` as an array; with one text, only `[1]` resolves. Code in
 * backquotes and years are left out; another number in brackets is taken for a citation.
 * @throws {ConfigError} `BR9001`
 */
export function citationsResolve(options: CitationsResolveOptions = {}): RuleEvaluator {
  const run = { ...checkRuleOptions("citationsResolve", options, ["minimum"]), sources: true };
  const minimum = checkWholeNumber("citationsResolve().minimum", options.minimum ?? 0);
  return defineTextRule(run, (text, given) => {
    const sources = readSources(given);
    const context = readContext(given);
    if (sources === undefined || context.kind === "none") return inconclusive("no documents");
    const cited = citationsIn(withoutCode(text)).filter(
      ({ name }) => !YEAR.test(name) || Number(name) <= sources.count || sources.names.has(name),
    );
    if (cited.length < minimum) {
      return scored(0, false, "too-few", `${cited.length} citations, at least ${minimum} wanted`);
    }
    if (cited.length === 0) return scored(1, true, "no-citations", "the output cites nothing");
    if (cited.length > MAX_CITATIONS) return inconclusive(`more than ${MAX_CITATIONS} citations`);
    const lost = unresolved(cited, sources, context.text.toLowerCase());
    const passed = lost.length === 0;
    const reason = passed ? "every citation resolves" : `no such ${quoteEvidence(text, lost)}`;
    const places = lost.map(({ start, end, kind }) => ({ start, end, kind }));
    const score = 1 - lost.length / cited.length;
    return scored(score, passed, passed ? "resolved" : "unresolved", reason, places);
  });
}

/** As long as before, so that places stay what they are. */
function withoutCode(text: string): string {
  return text.replace(CODE, (code) => " ".repeat(code.length));
}

interface Citation extends Evidence {
  readonly name: string;
}

function citationsIn(text: string): Citation[] {
  const found: Citation[] = [];
  for (const match of text.matchAll(BRACKETED)) {
    const [whole, inner = ""] = match;
    const [before = ""] = inner.split("†");
    const name = LABELLED.exec(before)?.[1] ?? before;
    if (!NUMBERS.test(name) && !NAMED.test(name)) continue;
    const place = { start: match.index, end: match.index + whole.length, kind: "source" };
    found.push(...partsOf(name).map((part) => ({ ...place, name: part })));
  }
  for (const match of text.matchAll(ADDRESS)) {
    const name = withoutLastPoints(match[0]);
    found.push({ start: match.index, end: match.index + name.length, kind: "address", name });
  }
  return found;
}

/**
 * A full stop after an address ends the sentence. In a loop, because a pattern would be quadratic.
 */
function withoutLastPoints(address: string): string {
  let end = address.length;
  while (".,;:!?".includes(address[end - 1] ?? " ")) end--;
  return address.slice(0, end);
}

function partsOf(name: string): string[] {
  return NUMBERS.test(name) ? name.split(/\s?[,;–-]\s?/u) : [name];
}

function unresolved(cited: readonly Citation[], sources: Sources, lowerContext: string) {
  const open = cited.filter(({ name }) => !isSource(name, sources));
  const named = open.map(({ name }) => (isNumber(name) ? "" : foldName(name)));
  const said = findParts(
    lowerContext,
    named.filter((name) => name.length > 3),
    (start, end) => !isInWord(lowerContext, start - 1) && !isInWord(lowerContext, end),
  );
  return open.filter((_, at) => !said.has(named[at] ?? ""));
}

function isNumber(name: string): boolean {
  return /^\d+$/u.test(name);
}

function isSource(name: string, { count, names }: Sources): boolean {
  if (!isNumber(name)) return names.has(foldName(name));
  return (Number(name) >= 1 && Number(name) <= count) || names.has(name);
}

/** `doc-1` is not in `doc-12`. */
function isInWord(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text.charAt(at));
}
