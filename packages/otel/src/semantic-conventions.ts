/**
 * Every name that leaves this package, in one place. Most are OpenTelemetry's GenAI and MCP
 * semantic conventions, which are still in development and move between repositories: when one is
 * renamed, this is the file that changes, and its test says which names a release no longer knows.
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export const ATTRIBUTE = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  requestModel: "gen_ai.request.model",
  agent: "gen_ai.agent.name",
  agentVersion: "gen_ai.agent.version",
  conversation: "gen_ai.conversation.id",
  tool: "gen_ai.tool.name",
  tokenType: "gen_ai.token.type",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheCreationTokens: "gen_ai.usage.cache_creation.input_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  timeToFirstChunk: "gen_ai.response.time_to_first_chunk",
  evaluationName: "gen_ai.evaluation.name",
  evaluationScore: "gen_ai.evaluation.score.value",
  evaluationLabel: "gen_ai.evaluation.score.label",
  mcpMethod: "mcp.method.name",
  errorType: "error.type",
  environment: "deployment.environment.name",
} as const;

/** The event of an evaluator's verdict, on the span of what it judged. */
export const EVALUATION_EVENT = "gen_ai.evaluation.result";

/** Values of `gen_ai.operation.name`, and of `mcp.method.name`, that we use. */
export const OPERATION = {
  chat: "chat",
  embeddings: "embeddings",
  executeTool: "execute_tool",
  mcpCallTool: "tools/call",
} as const;

/** What the conventions have no name for. */
export const OWN = {
  purpose: "burnrate.purpose",
  toolProvider: "burnrate.tool.provider",
  outcome: "burnrate.outcome",
  refusalCode: "burnrate.refusal.code",
  callId: "burnrate.call.id",
  costUsd: "burnrate.cost.usd",
  usageSource: "burnrate.usage.source",
  requestedModel: "burnrate.requested.model",
  priceVersion: "burnrate.price.version",
  org: "burnrate.org",
  team: "burnrate.team",
  labelPrefix: "burnrate.label.",
  kind: "kind",
  code: "code",
  what: "what",
  sli: "sli",
  model: "model",
  toolName: "tool",
  agentName: "agent",
  outcomeShort: "outcome",
  budget: "budget",
  unit: "unit",
  slo: "slo",
  rule: "rule",
  window: "window",
  state: "state",
  severity: "severity",
  longWindow: "long",
  shortWindow: "short",
} as const;

/** One metric: its OpenTelemetry name, and the name that Prometheus gives it. */
export interface MetricDefinition {
  readonly name: string;
  readonly prometheus: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** UCUM, as OpenTelemetry has it. */
  readonly unit: string;
  readonly help: string;
}

function define(
  kind: MetricDefinition["kind"],
  name: string,
  prometheus: string,
  unit: string,
  help: string,
): MetricDefinition {
  return Object.freeze({ name, prometheus, kind, unit, help });
}

/** Every metric. Dashboards and recording rules read their names from here. */
export const METRIC: Readonly<
  Record<
    | "operationDuration"
    | "timeToFirstChunk"
    | "tokenUsage"
    | "toolDuration"
    | "mcpDuration"
    | "calls"
    | "correctedCalls"
    | "refusals"
    | "cost"
    | "costCorrections"
    | "inFlight"
    | "kills"
    | "openCircuits"
    | "budgetLimit"
    | "budgetSpent"
    | "budgetHeld"
    | "budgetLeft"
    | "budgetAccounts"
    | "sliEvents"
    | "dropped"
    | "folded"
    | "sloEvents"
    | "sloRemaining"
    | "sloBurn"
    | "sloState"
    | "sloAlert"
    | "absenceLastEvent",
    MetricDefinition
  >
> = {
  operationDuration: define(
    "histogram",
    "gen_ai.client.operation.duration",
    "gen_ai_client_operation_duration_seconds",
    "s",
    "How long model calls took, from dispatch to the end.",
  ),
  timeToFirstChunk: define(
    "histogram",
    "gen_ai.client.operation.time_to_first_chunk",
    "gen_ai_client_operation_time_to_first_chunk_seconds",
    "s",
    "How long model calls took to give their first output.",
  ),
  tokenUsage: define(
    "histogram",
    "gen_ai.client.token.usage",
    "gen_ai_client_token_usage",
    "{token}",
    "Tokens of each model call, as its provider reported them.",
  ),
  toolDuration: define(
    "histogram",
    "gen_ai.execute_tool.duration",
    "gen_ai_execute_tool_duration_seconds",
    "s",
    "How long tool calls took, from dispatch to the end.",
  ),
  mcpDuration: define(
    "histogram",
    "mcp.client.operation.duration",
    "mcp_client_operation_duration_seconds",
    "s",
    "How long tool calls of MCP servers took.",
  ),
  calls: define(
    "counter",
    "burnrate.calls",
    "burnrate_calls_total",
    "{call}",
    "Calls by how they ended.",
  ),
  correctedCalls: define(
    "counter",
    "burnrate.calls.corrected",
    "burnrate_calls_corrected_total",
    "{call}",
    "Calls that were counted as unknown or released and ended after all, so that they count twice.",
  ),
  refusals: define(
    "counter",
    "burnrate.refusals",
    "burnrate_refusals_total",
    "{call}",
    "Calls that the guard refused, by error code.",
  ),
  cost: define(
    "counter",
    "burnrate.cost",
    "burnrate_cost_usd_total",
    "USD",
    "What calls were charged, in dollars.",
  ),
  costCorrections: define(
    "counter",
    "burnrate.cost.corrections",
    "burnrate_cost_corrections_usd_total",
    "USD",
    "What calls were charged too much at first, in dollars: subtract it from the cost.",
  ),
  inFlight: define(
    "gauge",
    "burnrate.calls.in_flight",
    "burnrate_calls_in_flight",
    "{call}",
    "Calls that were admitted and have not ended.",
  ),
  kills: define(
    "gauge",
    "burnrate.kills.active",
    "burnrate_kills_active",
    "{kill}",
    "Kills in force.",
  ),
  openCircuits: define(
    "gauge",
    "burnrate.circuits.open",
    "burnrate_circuits_open",
    "{circuit}",
    "Circuits that refuse calls.",
  ),
  budgetLimit: define(
    "gauge",
    "burnrate.budget.limit",
    "burnrate_budget_limit",
    "",
    "Limit of one account of a budget, in its unit; money in dollars.",
  ),
  budgetSpent: define(
    "gauge",
    "burnrate.budget.spent",
    "burnrate_budget_spent",
    "",
    "What the accounts of a budget that this process used have spent in their windows, in its unit; money in dollars.",
  ),
  budgetHeld: define(
    "gauge",
    "burnrate.budget.held",
    "burnrate_budget_held",
    "",
    "What calls in flight and leases hold of the accounts that this process used, in its unit.",
  ),
  budgetLeft: define(
    "gauge",
    "burnrate.budget.remaining",
    "burnrate_budget_remaining_ratio",
    "1",
    "Share of the limit that is left in the budget's fullest account; negative when overspent.",
  ),
  budgetAccounts: define(
    "gauge",
    "burnrate.budget.accounts",
    "burnrate_budget_accounts",
    "{account}",
    "Accounts of a budget by how they stand.",
  ),
  sliEvents: define(
    "counter",
    "burnrate.sli.events",
    "burnrate_sli_events_total",
    "{event}",
    "Events of the guard's own indicators.",
  ),
  dropped: define(
    "counter",
    "burnrate.dropped",
    "burnrate_dropped_total",
    "{item}",
    "What was let go because a queue was full or a listener failed.",
  ),
  folded: define(
    "counter",
    "burnrate.telemetry.folded",
    "burnrate_telemetry_folded_total",
    "{record}",
    "Records counted under the label value other because there were too many series.",
  ),
  sloEvents: define(
    "counter",
    "agent.sli.events",
    "agent_sli_events_total",
    "{event}",
    "Events that an objective judged.",
  ),
  sloRemaining: define(
    "gauge",
    "agent.slo.error_budget.remaining",
    "agent_slo_error_budget_remaining_ratio",
    "1",
    "Share of the error budget that is left in the objective's window; negative when overspent.",
  ),
  sloBurn: define(
    "gauge",
    "agent.slo.burn_rate",
    "agent_slo_burn_rate",
    "",
    "How many times faster than sustainable the error budget burns, over a window.",
  ),
  sloState: define(
    "gauge",
    "agent.slo.state",
    "agent_slo_state",
    "",
    "1 for the state of the objective that the label names.",
  ),
  sloAlert: define(
    "gauge",
    "agent.slo.alert.firing",
    "agent_slo_alert_firing",
    "",
    "1 while a burn-rate rule of the objective fires.",
  ),
  absenceLastEvent: define(
    "gauge",
    "agent.absence.last_event.timestamp",
    "agent_absence_last_event_timestamp_seconds",
    "s",
    "When an absence rule heard an event last, in seconds since the epoch.",
  ),
};

/** Bucket boundaries that the conventions recommend, in seconds and tokens. */
export const BUCKETS = {
  modelSeconds: [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  ],
  toolSeconds: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
  tokens: [
    1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
    67_108_864,
  ],
} as const;
