import { checkWholeNumber } from "@burnrate/core/adapter";
import { type EvaluatorOptions, inconclusive, type RuleEvaluator } from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, quoteEvidence, scored } from "../rule.ts";
import {
  type Citation,
  citationsIn,
  isNumber,
  isSource,
  MAX_CITATIONS,
  spellingsOf,
} from "../text/citations.ts";
import { findParts } from "../text/find-parts.ts";
import { readContext } from "../text/read-context.ts";
import { decodeSigns, readSources, type Sources } from "../text/read-sources.ts";

/** Options of {@link citationsResolve}. */
export interface CitationsResolveOptions extends EvaluatorOptions {
  /** Fewest citations that an answer must have (default 0). */
  readonly minimum?: number;
}

/** `[2023]` is a year unless there are so many documents. */
const YEAR = /^(?:1[5-9]|20)\d\d$/u;
/** A figure in brackets, unless documents have such ids: rows of a database. */
const LONG = /^\d{5,15}$/u;

/**
 * Whether what an answer cites exists: numbers within the documents of the context (from 1), ids,
 * names of files in brackets (`[handbook.pdf]`) and addresses among theirs or in their text.
 *
 * Sees: made-up sources. Does not see: whether the source says so, author-year citations, titles.
 * Documents are counted in `context` as an array; with one text, only `[1]` resolves. Code in
 * backquotes and years are left out, and so are numbers of five digits and more where no document
 * has such an id; another number in brackets is taken for a citation.
 * @throws {ConfigError} `BR9001`
 */
export function citationsResolve(options: CitationsResolveOptions = {}): RuleEvaluator {
  const run = { ...checkRuleOptions("citationsResolve", options, ["minimum"]), sources: true };
  const minimum = checkWholeNumber("citationsResolve().minimum", options.minimum ?? 0);
  return defineTextRule(run, (text, given) => {
    const sources = readSources(given);
    const context = readContext(given);
    if (sources === undefined || context.kind === "none") return inconclusive("no documents");
    const { count, names } = sources;
    const hasLongIds = [...names].some((name) => LONG.test(name));
    const isMark = (name: string): boolean => !YEAR.test(name) && (hasLongIds || !LONG.test(name));
    const cited = citationsIn(text).filter(
      ({ name }) => isMark(name) || Number(name) <= count || names.has(name),
    );
    if (cited.length < minimum) {
      return scored(0, false, "too-few", `${cited.length} citations, at least ${minimum} wanted`);
    }
    if (cited.length === 0) return scored(1, true, "no-citations", "the output cites nothing");
    if (cited.length > MAX_CITATIONS) return inconclusive(`more than ${MAX_CITATIONS} citations`);
    const lost = unresolved(cited, sources, decodeSigns(context.text).toLowerCase());
    const passed = lost.length === 0;
    const reason = passed ? "every citation resolves" : `no such ${quoteEvidence(text, lost)}`;
    const places = lost.map(({ start, end, kind }) => ({ start, end, kind }));
    const score = 1 - lost.length / cited.length;
    return scored(score, passed, passed ? "resolved" : "unresolved", reason, places);
  });
}

function unresolved(cited: readonly Citation[], sources: Sources, lowerContext: string) {
  const open = cited.filter((citation) => !isSource(citation, sources));
  const named = open.map(({ name, other = name }) => (isNumber(other) ? [] : spellingsOf(other)));
  const said = findParts(
    lowerContext,
    named.flat().filter((name) => name.length > 3),
    (start, end) => !isInWord(lowerContext, start - 1) && !isInWord(lowerContext, end),
  );
  return open.filter((_, at) => !named[at]?.some((name) => said.has(name)));
}

/** `doc-1` is not in `doc-12`. */
function isInWord(text: string, at: number): boolean {
  return /[\p{L}\p{N}]/u.test(text.charAt(at));
}
