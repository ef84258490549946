export {
  type Agreement,
  type CalibrateOptions,
  type Calibration,
  calibrate,
} from "./calibration/calibrate.ts";
export {
  type DriftCheckOptions,
  type DriftReport,
  driftCheck,
} from "./calibration/drift-check.ts";
export type { Judge } from "./calibration/judge-items.ts";
export type { LabelledItem } from "./calibration/label.ts";
export { parseLabels, readLabels } from "./calibration/read-labels.ts";
export {
  createReviewSampler,
  type ReviewChoice,
  type ReviewRates,
  type ReviewSampler,
} from "./calibration/review-sampler.ts";
export { type ToBlockingOptions, toBlocking } from "./calibration/to-blocking.ts";
export type {
  EvaluatorInput,
  EvaluatorOptions,
  Evidence,
  Inconclusive,
  Judged,
  RuleEvaluator,
  TextEvaluator,
  Verdict,
} from "./evaluator.ts";
export type { PiiKind } from "./pii/find-pii.ts";
export { type AnswerRelevanceOptions, answerRelevance } from "./rules/answer-relevance.ts";
export { type CitationsResolveOptions, citationsResolve } from "./rules/citations-resolve.ts";
export { type ContainsOptions, contains } from "./rules/contains.ts";
export { type CostUnderOptions, costUnder } from "./rules/cost-under.ts";
export { type ExactMatchOptions, exactMatch } from "./rules/exact-match.ts";
export {
  type GroundednessLexicalOptions,
  groundednessLexical,
} from "./rules/groundedness-lexical.ts";
export { type JsonValidOptions, jsonValid } from "./rules/json-valid.ts";
export { type LanguageIsOptions, languageIs } from "./rules/language-is.ts";
export { type LatencyUnderOptions, latencyUnder } from "./rules/latency-under.ts";
export { type LengthWithinOptions, lengthWithin } from "./rules/length-within.ts";
export { type MatchesOptions, matches } from "./rules/matches.ts";
export { type NotRepeatedOptions, notRepeated } from "./rules/not-repeated.ts";
export { type NumbersSupportedOptions, numbersSupported } from "./rules/numbers-supported.ts";
export { type PiiLeakOptions, piiLeak } from "./rules/pii-leak.ts";
export { profanity } from "./rules/profanity.ts";
export { promptInjectionHeuristic } from "./rules/prompt-injection-heuristic.ts";
export { type RefusalOptions, refusal } from "./rules/refusal.ts";
export { type SchemaValidOptions, schemaValid } from "./rules/schema-valid.ts";
export { type ToolCallValidOptions, toolCallValid } from "./rules/tool-call-valid.ts";
export { type ToolSequenceOptions, toolSequence } from "./rules/tool-sequence.ts";
export {
  createEvaluationSlis,
  type EvaluationFigures,
  type EvaluationSlis,
  type EvaluationSlisOptions,
} from "./sli/evaluation-slis.ts";
export { type Observation, type RateSli, rateSli } from "./sli/rate-sli.ts";
export {
  balancedAccuracy,
  type Confusion,
  cohenKappa,
} from "./statistics/agreement.ts";
export { horvitzThompson, type WeightedValue } from "./statistics/horvitz-thompson.ts";
export type { Interval } from "./statistics/interval.ts";
export {
  type JudgedOnly,
  type LabelledPair,
  type PredictionPowered,
  predictionPowered,
} from "./statistics/prediction-powered.ts";
export { wilson } from "./statistics/wilson.ts";
