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
export type { BagField } from "./interop/bag.ts";
export type { Direction, ForeignOptions } from "./interop/foreign-options.ts";
export { type AutoevalsScorer, fromAutoevals } from "./interop/from-autoevals.ts";
export { fromLangfuse, type LangfuseItemEvaluator } from "./interop/from-langfuse.ts";
export { fromOpenevals, type OpenevalsEvaluator } from "./interop/from-openevals.ts";
export { fromPhoenix, type PhoenixEvaluator } from "./interop/from-phoenix.ts";
export {
  type LangfuseEvaluation,
  type LangfuseExperimentEvaluator,
  toLangfuse,
} from "./interop/to-langfuse.ts";
export type { JudgeCacheOptions } from "./judge/answer-cache.ts";
export type { JudgeBudget } from "./judge/judge-budget.ts";
export type { JudgeCallOptions } from "./judge/judge-call-options.ts";
export { JudgeError, type JudgeFailure } from "./judge/judge-error.ts";
export type { JudgeFigures } from "./judge/judge-figures.ts";
export type {
  AiSdkJudgeModel,
  JudgeFunction,
  JudgeModel,
  JudgeReply,
  JudgeRequest,
  LangChainJudgeModel,
} from "./judge/judge-model.ts";
export { type Jury, type JuryOptions, type JuryVerdict, jury, type Votes } from "./judge/jury.ts";
export { type ModelJudge, type ModelJudgeOptions, modelJudge } from "./judge/model-judge.ts";
export {
  type PairwiseInput,
  type PairwiseJudge,
  type PairwiseOptions,
  type Preference,
  pairwise,
} from "./judge/pairwise.ts";
export type { ReadyRubric, Rubric, RubricNeed } from "./judge/rubric.ts";
export type { ScaleScores } from "./judge/scale.ts";
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
export type { Criterion, CriterionEvaluator, CriterionResult } from "./suites/criterion.ts";
export {
  defaultSuite,
  type ReadySuiteOptions,
  ragSuite,
  toolAgentSuite,
} from "./suites/ready-suites.ts";
export { type Suite, type SuiteOptions, type SuiteRunOptions, suite } from "./suites/suite.ts";
