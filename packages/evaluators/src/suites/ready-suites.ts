import { checkArray, checkMethods, choiceError } from "@burnrate/core/adapter";
import { checkRuleOptions } from "../rule.ts";
import { answerRelevance } from "../rules/answer-relevance.ts";
import { citationsResolve } from "../rules/citations-resolve.ts";
import { groundednessLexical } from "../rules/groundedness-lexical.ts";
import { notRepeated } from "../rules/not-repeated.ts";
import { numbersSupported } from "../rules/numbers-supported.ts";
import { piiLeak } from "../rules/pii-leak.ts";
import { profanity } from "../rules/profanity.ts";
import { refusal } from "../rules/refusal.ts";
import { toolCallValid } from "../rules/tool-call-valid.ts";
import { read } from "../shape.ts";
import type { Criterion, CriterionEvaluator } from "./criterion.ts";
import { SUITE_KEYS, type Suite, type SuiteRunOptions, suite } from "./suite.ts";

/** Options of the ready suites. */
export interface ReadySuiteOptions extends SuiteRunOptions {
  /** Judges what rules cannot, such as `modelJudge(…)`: required, and counts twice. */
  readonly judge?: CriterionEvaluator;
  /** Each replaces the criterion whose evaluator has the same name, or is added. */
  readonly criteria?: readonly Criterion[];
  /** Names of criteria to leave out. */
  readonly without?: readonly string[];
}

/**
 * For any answer: `piiLeak` (required), `profanity`, `refusal`, `notRepeated`. Rules cannot tell
 * whether an answer is right; give it a `judge` for that.
 * @example
 * createGuard({ evaluators: [defaultSuite({ judge, without: ["profanity"], mode: "background" })] });
 * @throws {ConfigError} `BR9001`
 */
export function defaultSuite(options: ReadySuiteOptions = {}): Suite {
  return ready("defaultSuite", options, [
    { evaluator: piiLeak(), required: true },
    { evaluator: profanity() },
    { evaluator: refusal() },
    { evaluator: notRepeated() },
  ]);
}

/**
 * For answers from documents: `groundednessLexical` (counts twice; required as long as there is no
 * `judge`), `numbersSupported`, `citationsResolve`, `answerRelevance`. Without a context it is
 * inconclusive. Lexical groundedness is a router and not a verdict: to block, give it a `judge`.
 * @throws {ConfigError} `BR9001`
 */
export function ragSuite(options: ReadySuiteOptions = {}): Suite {
  const required = read(options, "judge") === undefined;
  return ready("ragSuite", options, [
    { evaluator: groundednessLexical(), weight: 2, required },
    { evaluator: numbersSupported() },
    { evaluator: citationsResolve() },
    { evaluator: answerRelevance() },
  ]);
}

/**
 * For the model calls of an agent with tools: `toolCallValid` (required, and counts as much as
 * the rest, so that an answer of calls alone is judged), `numbersSupported` by what tools answered,
 * `refusal`, `notRepeated`. The tools are those that the
 * call offered, or `metadata.tools`; without any it is inconclusive.
 * @throws {ConfigError} `BR9001`
 */
export function toolAgentSuite(options: ReadySuiteOptions = {}): Suite {
  return ready("toolAgentSuite", options, [
    { evaluator: toolCallValid(), weight: 3, required: true },
    { evaluator: numbersSupported() },
    { evaluator: refusal() },
    { evaluator: notRepeated() },
  ]);
}

function ready(factory: string, options: ReadySuiteOptions, stock: readonly Criterion[]): Suite {
  const own = ["judge", "criteria", "without"] as const;
  checkRuleOptions(factory, options, [...own, ...SUITE_KEYS]);
  const { judge, criteria = [], without = [], ...run } = options;
  const added = checkArray(`${factory}().criteria`, criteria) as readonly Criterion[];
  const names = stock.map(({ evaluator }) => evaluator.name);
  const left = checkArray(`${factory}().without`, without);
  for (const [index, name] of left.entries()) {
    if (names.includes(name as string)) continue;
    throw choiceError(`${factory}().without[${index}]`, name, names);
  }
  const replaced = new Set<unknown>(added.map((one) => read(read(one, "evaluator"), "name")));
  const on = run.on ?? "model";
  const kept = stock
    .filter(({ evaluator: { name } }) => !left.includes(name) && !replaced.has(name))
    .map((one) => ({ ...one, evaluator: { ...one.evaluator, on } }));
  if (judge !== undefined) checkMethods(`${factory}().judge`, judge, ["evaluate"]);
  const judged = judge === undefined ? [] : [{ evaluator: judge, weight: 2, required: true }];
  return suite({ ...run, name: run.name ?? factory, criteria: [...kept, ...judged, ...added] });
}
