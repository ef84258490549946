export type { BurnRule, Severity } from "./alerts/burn-rule.ts";
export type { GuardStep, GuardTable } from "./alerts/guard-table.ts";
export { createSloEngine } from "./engine/create-slo-engine.ts";
export type { SliSample } from "./engine/sample.ts";
export type {
  CountDifference,
  HeardEvent,
  ObjectiveCounts,
  SloEngine,
  SloEngineOptions,
} from "./engine/slo-engine.ts";
export type {
  AbsenceEvent,
  ActionEvent,
  AnomalyEvent,
  SloEventName,
  SloEvents,
} from "./engine/slo-events.ts";
export type { AlertStatus, ObjectiveState, ObjectiveStatus } from "./engine/status.ts";
export { type AbsenceOptions, type AbsenceRule, absenceRule } from "./objective/absence-rule.ts";
export type {
  ActionKind,
  ActionOption,
  ActionTrigger,
  ObjectiveAction,
} from "./objective/action.ts";
export {
  type Composite,
  type CompositeOptions,
  compositeObjective,
} from "./objective/composite.ts";
export { objective } from "./objective/create-objective.ts";
export {
  diffObjectives,
  type ObjectiveChange,
  type ObjectiveEffect,
} from "./objective/diff-objectives.ts";
export {
  extendObjective,
  inheritObjectives,
  type ObjectiveDraft,
} from "./objective/extend-objective.ts";
export type { ObjectiveMatch } from "./objective/match.ts";
export type { Method, MethodOption, NoDataPolicy } from "./objective/method.ts";
export type {
  AlertOption,
  EventSource,
  Objective,
  ObjectiveOptions,
} from "./objective/objective.ts";
export type {
  CalendarPeriod,
  ObjectiveWindow,
  ObjectiveWindowOption,
} from "./objective/objective-window.ts";
export type { Target } from "./objective/target.ts";
export type { Threshold, ThresholdOption } from "./objective/threshold.ts";
export { type OpenSloOptions, parseOpenSlo } from "./openslo/parse-open-slo.ts";
export { toOpenSlo } from "./openslo/to-open-slo.ts";
export { prometheusRules } from "./prometheus/prometheus-rules.ts";
export { type AgentKind, agentObjectives } from "./templates/templates.ts";
