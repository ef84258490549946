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

/** Numbers and names of a call; what is not known is left out. Content is never among them. */
export function spanAttributes(record: CallRecord): Attributes {
  const { context, outcome, refusalCode } = record;
  return {
    [ATTRIBUTE.operation]: operationOf(record),
    ...(record.kind === "model" ? modelAttributes(record) : toolAttributes(record)),
    ...defined({
      [ATTRIBUTE.agent]: context.agent,
      [ATTRIBUTE.agentVersion]: context.agentVersion,
      [ATTRIBUTE.conversation]: context.session,
      [ATTRIBUTE.environment]: context.environment,
      [ATTRIBUTE.errorType]: isGood(record) ? undefined : (refusalCode ?? outcome),
      [OWN.refusalCode]: refusalCode,
      [OWN.costUsd]: record.costNanoUsd === undefined ? undefined : record.costNanoUsd / 1e9,
      [OWN.priceVersion]: record.priceVersion,
    }),
    [OWN.callId]: record.id,
    [OWN.outcome]: outcome,
    [OWN.purpose]: record.purpose,
  };
}

/** What a verdict says, for the event on the span of what it judged. */
export function evaluationAttributes(result: EvaluationResult): Attributes {
  return {
    [ATTRIBUTE.evaluationName]: result.evaluator,
    [ATTRIBUTE.evaluationLabel]: result.label ?? result.status,
    ...defined({ [ATTRIBUTE.evaluationScore]: result.score }),
  };
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

function modelAttributes(record: CallRecord): Attributes {
  const { usage, timeToFirstTokenMs, requested } = record;
  const { cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  const cacheWrites =
    cacheWrite5mTokens === undefined && cacheWrite1hTokens === undefined
      ? undefined
      : (cacheWrite5mTokens ?? 0) + (cacheWrite1hTokens ?? 0);
  return {
    [ATTRIBUTE.provider]: providerName(record.provider),
    [ATTRIBUTE.requestModel]: record.name,
    [ATTRIBUTE.inputTokens]: usage.inputTokens,
    [ATTRIBUTE.outputTokens]: usage.outputTokens,
    [OWN.usageSource]: record.usageSource,
    ...defined({
      [ATTRIBUTE.cacheReadTokens]: usage.cacheReadTokens,
      [ATTRIBUTE.cacheCreationTokens]: cacheWrites,
      [ATTRIBUTE.reasoningTokens]: usage.reasoningTokens,
      [ATTRIBUTE.timeToFirstChunk]:
        timeToFirstTokenMs === undefined ? undefined : timeToFirstTokenMs / 1_000,
      [OWN.requestedModel]: requested?.name,
    }),
  };
}

function toolAttributes({ name, provider }: CallRecord): Attributes {
  return {
    [ATTRIBUTE.tool]: name,
    ...(provider !== undefined && {
      [ATTRIBUTE.mcpMethod]: OPERATION.mcpCallTool,
      [OWN.toolProvider]: provider,
    }),
  };
}

function defined(attributes: Record<string, string | number | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
