import { checkWholeNumber } from "@burnrate/core/adapter";
import {
  type EvaluatorOptions,
  type Evidence,
  inconclusive,
  type RuleEvaluator,
} from "../evaluator.ts";
import { checkRuleOptions, defineTextRule, quoteEvidence, scored } from "../rule.ts";
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
/** A name in brackets is only a citation when it looks like one: `[doc-7]`, not `[sic]`. */
const NAMED = /^[\w.:/-]*\d[\w.:/-]*$/u;

/**
 * Whether what an answer cites exists: numbers within the documents of the context (from 1), ids
 * and addresses among theirs or in their text.
 *
 * Sees: made-up sources. Does not see: whether the source says so, author-year citations, titles.
 * Documents are counted in `context` as an array; with one text, only `[1]` resolves.
 * @throws {ConfigError} `BR9001`
 */
export function citationsResolve(options: CitationsResolveOptions = {}): RuleEvaluator {
  const run = { ...checkRuleOptions("citationsResolve", options, ["minimum"]), sources: true };
  const minimum = checkWholeNumber("citationsResolve().minimum", options.minimum ?? 0);
  return defineTextRule(run, (text, given) => {
    const sources = readSources(given);
    const context = readContext(given);
    if (sources === undefined || context.kind === "none") return inconclusive("no documents");
    const cited = citationsIn(text);
    if (cited.length < minimum) {
      return scored(0, false, "too-few", `${cited.length} citations, at least ${minimum} wanted`);
    }
    if (cited.length === 0) return scored(1, true, "no-citations", "the output cites nothing");
    if (cited.length > MAX_CITATIONS) return inconclusive(`more than ${MAX_CITATIONS} citations`);
    const lower = context.text.toLowerCase();
    const lost = cited.filter(({ name }) => !resolves(name, sources, lower));
    const passed = lost.length === 0;
    const reason = passed ? "every citation resolves" : `no such ${quoteEvidence(text, lost)}`;
    const places = lost.map(({ start, end, kind }) => ({ start, end, kind }));
    const score = 1 - lost.length / cited.length;
    return scored(score, passed, passed ? "resolved" : "unresolved", reason, places);
  });
}

interface Citation extends Evidence {
  readonly name: string;
}

function citationsIn(text: string): Citation[] {
  const found: Citation[] = [];
  for (const match of text.matchAll(BRACKETED)) {
    const [whole, inner = ""] = match;
    const [name = ""] = inner.split("†");
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

/** A full stop after an address ends the sentence. In a loop, because a pattern would be quadratic. */
function withoutLastPoints(address: string): string {
  let end = address.length;
  while (".,;:!?".includes(address[end - 1] ?? " ")) end--;
  return address.slice(0, end);
}

function partsOf(name: string): string[] {
  return NUMBERS.test(name) ? name.split(/\s?[,;–-]\s?/u) : [name];
}

function resolves(name: string, sources: Sources, lowerContext: string): boolean {
  if (/^\d+$/u.test(name)) {
    const number = Number(name);
    if (number >= 1 && number <= sources.count) return true;
    return sources.names.has(name);
  }
  const folded = foldName(name);
  return sources.names.has(folded) || (folded.length > 3 && lowerContext.includes(folded));
}
