import type { CallRecord, EvaluationResult } from "@burnrate/core";
import type { Attributes } from "@opentelemetry/api";
import { operationOf } from "../accumulate/subjects.ts";
import { providerName } from "../provider-name.ts";
import { ATTRIBUTE, OPERATION, OWN } from "../semantic-conventions.ts";

/** `chat gpt-5`, `execute_tool search`, or `tools/call search` for a tool of an MCP server. */
export function spanName(record: CallRecord): string {
  if (record.kind === "model") return `${operationOf(record)} ${record.name}`;
  const operation = record.provider === undefined ? OPERATION.executeTool : OPERATION.mcpCallTool;
  return `${operation} ${record.name}`;
}

/**
 * Numbers and names of a call; what is not known is left out. Content is never among them. A call
 * that nobody ended has no usage and no cost: a late end is a span of its own, which has both.
 */
export function spanAttributes(record: CallRecord): Attributes {
  const { context, outcome, refusalCode } = record;
  const costNanoUsd = outcome === "unknown" ? undefined : record.costNanoUsd;
  const attributes: Attributes = { [ATTRIBUTE.operation]: operationOf(record) };
  if (record.kind === "model") addModel(attributes, record);
  else addTool(attributes, record);
  add(attributes, ATTRIBUTE.agent, context.agent);
  add(attributes, ATTRIBUTE.agentVersion, context.agentVersion);
  add(attributes, ATTRIBUTE.conversation, context.session);
  add(attributes, ATTRIBUTE.environment, context.environment);
  add(attributes, ATTRIBUTE.errorType, isGood(record) ? undefined : (refusalCode ?? outcome));
  add(attributes, OWN.refusalCode, refusalCode);
  add(attributes, OWN.costUsd, costNanoUsd === undefined ? undefined : costNanoUsd / 1e9);
  add(attributes, OWN.priceVersion, record.priceVersion);
  attributes[OWN.callId] = record.id;
  attributes[OWN.outcome] = outcome;
  attributes[OWN.purpose] = record.purpose;
  return attributes;
}

/** What a verdict says, for the event on the span of what it judged. */
export function evaluationAttributes(result: EvaluationResult): Attributes {
  const attributes: Attributes = {
    [ATTRIBUTE.evaluationName]: result.evaluator,
    [ATTRIBUTE.evaluationLabel]: result.label ?? result.status,
  };
  add(attributes, ATTRIBUTE.evaluationScore, result.score);
  return attributes;
}

/** Whether a span of the call is no error: what the caller himself broke off is none. */
export function isGood({ outcome }: CallRecord): boolean {
  return GOOD.has(outcome);
}

const GOOD: ReadonlySet<CallRecord["outcome"]> = new Set([
  "success",
  "cached",
  "aborted",
  "abandoned",
  "released",
]);

function addModel(attributes: Attributes, record: CallRecord): void {
  const { timeToFirstTokenMs, outcome } = record;
  const firstChunk = timeToFirstTokenMs === undefined ? undefined : timeToFirstTokenMs / 1_000;
  attributes[ATTRIBUTE.provider] = providerName(record.provider);
  attributes[ATTRIBUTE.requestModel] = record.name;
  add(attributes, ATTRIBUTE.timeToFirstChunk, firstChunk);
  add(attributes, OWN.requestedModel, record.requested?.name);
  if (outcome !== "unknown") addUsage(attributes, record);
}

/** Of a call that used nothing, a refused one mostly, nobody reported 0 tokens or any units. */
function addUsage(attributes: Attributes, { usage, usageSource }: CallRecord): void {
  if (!Object.values(usage).some((used) => used > 0)) return;
  const { cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  const cacheWrites =
    cacheWrite5mTokens === undefined && cacheWrite1hTokens === undefined
      ? undefined
      : (cacheWrite5mTokens ?? 0) + (cacheWrite1hTokens ?? 0);
  attributes[ATTRIBUTE.inputTokens] = usage.inputTokens;
  attributes[ATTRIBUTE.outputTokens] = usage.outputTokens;
  attributes[OWN.usageSource] = usageSource;
  add(attributes, ATTRIBUTE.cacheReadTokens, usage.cacheReadTokens);
  add(attributes, ATTRIBUTE.cacheCreationTokens, cacheWrites);
  add(attributes, ATTRIBUTE.reasoningTokens, usage.reasoningTokens);
}

function addTool(attributes: Attributes, { name, provider }: CallRecord): void {
  attributes[ATTRIBUTE.tool] = name;
  if (provider === undefined) return;
  attributes[ATTRIBUTE.mcpMethod] = OPERATION.mcpCallTool;
  attributes[OWN.toolProvider] = provider;
}

/** OpenTelemetry's attributes may not be undefined. */
function add(attributes: Attributes, key: string, value: string | number | undefined): void {
  if (value !== undefined) attributes[key] = value;
}
