export type {
  Breaker,
  BreakerOptions,
  CircuitEvent,
  CircuitState,
  CircuitStatus,
  ForceOptions,
  ResetOptions,
} from "./breaker/breaker.ts";
export type { BreakerControl } from "./breaker/control-breaker.ts";
export { createBreaker } from "./breaker/create-breaker.ts";
export type {
  Budget,
  BudgetDimension,
  BudgetLimit,
  BudgetMatch,
  BudgetOptions,
  BudgetThreshold,
  CalendarWindow,
  ThresholdAction,
  WindowName,
} from "./budget/budget.ts";
export { formatAmount } from "./budget/budget-refusal.ts";
export type { AccountState, BudgetStatus, BudgetsOptions } from "./budget/budget-status.ts";
export type { CallPurpose, CallRecord, RequestedModel } from "./call/call-record.ts";
export type { CallEstimate, CallRequest, SubstituteModel } from "./call/call-request.ts";
export type { OutcomeClass } from "./call/outcome.ts";
export type { PendingCall } from "./call/pending-call.ts";
export type { CallFailure, CallProgress, CallResult, Permit } from "./call/permit.ts";
export type { UnitBounds } from "./call/unit-bounds.ts";
export { NO_USAGE, type ReportedUsage, type UnitUsage, type Usage } from "./call/usage.ts";
export type { CallContext } from "./context/call-context.ts";
export { ApprovalDeniedError } from "./errors/approval-denied-error.ts";
export { ApprovalTimeoutError } from "./errors/approval-timeout-error.ts";
export { BudgetExceededError } from "./errors/budget-exceeded-error.ts";
export { CircuitOpenError } from "./errors/circuit-open-error.ts";
export { ConcurrencyLimitedError } from "./errors/concurrency-limited-error.ts";
export { ConfigError } from "./errors/config-error.ts";
export { DelegationDepthError } from "./errors/delegation-depth-error.ts";
export { EvaluationFailedError } from "./errors/evaluation-failed-error.ts";
export { findGuardError } from "./errors/find-guard-error.ts";
export {
  GuardError,
  type GuardErrorCode,
  type GuardErrorDetails,
  type GuardErrorInit,
  isGuardError,
} from "./errors/guard-error.ts";
export { KilledError } from "./errors/killed-error.ts";
export { LoopDetectedError } from "./errors/loop-detected-error.ts";
export { PolicyDeniedError } from "./errors/policy-denied-error.ts";
export { RateLimitedError } from "./errors/rate-limited-error.ts";
export { StoreUnavailableError } from "./errors/store-unavailable-error.ts";
export { ToolQuarantinedError } from "./errors/tool-quarantined-error.ts";
export { UnknownPriceError } from "./errors/unknown-price-error.ts";
export type {
  Evaluation,
  EvaluationInput,
  EvaluationResult,
  Evaluator,
  StreamWindow,
} from "./evaluate/evaluator.ts";
export type { HoldBackRule } from "./evaluate/hold-back.ts";
export type { GivenSource, Source } from "./evaluate/source.ts";
export type {
  CallRefusedEvent,
  GuardEventName,
  GuardEvents,
  LoopDetectedEvent,
  TaskRefusedEvent,
  ThresholdEvent,
} from "./events/guard-events.ts";
export { createGuard } from "./guard/create-guard.ts";
export type { ChangeReason, Guard, RunResult } from "./guard/guard.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./guard/memory-store.ts";
export type { Metrics } from "./guard/metrics.ts";
export type { GuardOptions, OnUnknownPrice, ReservationOptions } from "./guard/options.ts";
export type { ReconciledAccount, ReconciledRow } from "./guard/reconcile.ts";
export { fileJournal } from "./journal/file/file-journal.ts";
export type { Journal, JournalPart, LeftPart } from "./journal/journal.ts";
export type { ReplayedJournal } from "./journal/journal-replay.ts";
export type { KillEntry, KillLog, NewKillEntry } from "./kill/kill-log.ts";
export type { KillOptions, KillReceipt, ReviveOptions } from "./kill/kill-options.ts";
export type { KillLevel, KillScope, KillTarget } from "./kill/kill-scope.ts";
export type { ActiveKill } from "./kill/kill-switch.ts";
export type {
  AccountRef,
  AccountWindow,
  Balance,
  BudgetUnit,
  Correction,
  CorrectionResult,
  LateCharge,
  LateChargeResult,
  LeaseRequest,
  LeaseResult,
  LeaseReturn,
  LeaseReturnResult,
  Ledger,
  LedgerReply,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "./ledger/ledger.ts";
export { createLimits, type Limits } from "./limits/create-limits.ts";
export type {
  LimitDimension,
  LimitOptions,
  LimitRate,
  LimitsOptions,
  RatePeriod,
  RepeatedToolCallOptions,
} from "./limits/limit.ts";
export type { Downgrade, DowngradeOptions, DowngradeRule } from "./pipeline/downgrades.ts";
export type { Refusal, RefusalCode } from "./pipeline/refusal.ts";
export type {
  AuditSink,
  Authorize,
  ControlAction,
  DowngradeAction,
  ForceCircuitAction,
  KillAction,
  ReconcileAction,
  ResetCircuitAction,
  ReviveAction,
  SetBudgetAction,
} from "./ports/authorize.ts";
export { type CancelTimer, type Clock, systemClock } from "./ports/clock.ts";
export type { Exporter } from "./ports/exporter.ts";
export type { Fleet, KillAcknowledgement } from "./ports/fleet.ts";
export type {
  Gate,
  GateHold,
  GateHost,
  Policy,
  PolicyDecision,
  TaskEndListener,
} from "./ports/gate.ts";
export { createIds, type Ids } from "./ports/ids.ts";
export type { KillSource, SourcedKill } from "./ports/kill-source.ts";
export type { MaybePromise } from "./ports/maybe-promise.ts";
export type { ClaimedMessage, Outbox, OutboxMessage } from "./ports/outbox.ts";
export type { PriceBook, RateCard } from "./ports/price-book.ts";
export type { StateEntry, StateStore } from "./ports/state-store.ts";
export type { Store } from "./ports/store.ts";
export type { MetricsSnapshot } from "./sli/metrics-snapshot.ts";
export type {
  SliEvent,
  SliListener,
  SliName,
  SliOutcome,
  SliSource,
  TurnWait,
} from "./sli/sli.ts";
export type { OpenTask, Task, TaskInfo } from "./task/task.ts";
