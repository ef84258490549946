import type { CallRecord } from "@burnrate/core";
import { startObservation } from "@langfuse/tracing";
import type { SpanContext } from "@opentelemetry/api";
import type { Place } from "../scores/score.ts";
import { contextOf } from "./observed-span.ts";
import { usageDetails } from "./usage-details.ts";

type Level = "DEFAULT" | "WARNING" | "ERROR";

const LEVELS: Readonly<Record<CallRecord["outcome"], Level>> = {
  success: "DEFAULT",
  cached: "DEFAULT",
  aborted: "DEFAULT",
  abandoned: "DEFAULT",
  released: "DEFAULT",
  unknown: "WARNING",
  "tool-error": "ERROR",
  "rate-limited": "ERROR",
  "server-error": "ERROR",
  "client-error": "ERROR",
  "connection-error": "ERROR",
  timeout: "ERROR",
  killed: "ERROR",
  failed: "ERROR",
  refused: "ERROR",
};

/**
 * Writes a call as a generation (or a tool observation) that has ended: in numbers and names, never
 * with content. Needs a `LangfuseSpanProcessor` in the application's OpenTelemetry SDK, which sends
 * it. Returns where it is; undefined where there is no SDK, so that it is nowhere.
 */
export function writeObservation(
  record: CallRecord,
  parent: SpanContext | undefined,
): Place | undefined {
  const { kind, name, startedAtMs, latencyMs, outcome, refusalCode } = record;
  const level = LEVELS[outcome];
  const options = {
    startTime: new Date(startedAtMs),
    ...(parent !== undefined && { parentSpanContext: parent }),
  };
  const attributes = {
    level,
    ...(level !== "DEFAULT" && { statusMessage: refusalCode ?? outcome }),
    metadata: metadataOf(record),
  };
  const observation =
    kind === "model"
      ? startObservation(
          name,
          { ...attributes, ...modelAttributes(record) },
          { ...options, asType: "generation" },
        )
      : startObservation(name, attributes, { ...options, asType: "tool" });
  const { otelSpan } = observation;
  const { user, session } = record.context;
  if (user !== undefined) otelSpan.setAttribute("user.id", user);
  if (session !== undefined) otelSpan.setAttribute("session.id", session);
  observation.end(new Date(startedAtMs + latencyMs));
  return placeOf(contextOf(otelSpan));
}

/** As scores name it. */
export function placeOf(context: SpanContext | undefined): Place | undefined {
  return context && { traceId: context.traceId, observationId: context.spanId };
}

/** What is not known of a call that nobody ended has no usage and no cost: a late end has. */
function modelAttributes(record: CallRecord) {
  const { name, usage, costNanoUsd, timeToFirstTokenMs, outcome, startedAtMs } = record;
  if (outcome === "unknown" || outcome === "refused") return { model: name };
  return {
    model: name,
    usageDetails: usageDetails(usage),
    ...(costNanoUsd !== undefined && { costDetails: { total: costNanoUsd / 1e9 } }),
    ...(timeToFirstTokenMs !== undefined && {
      completionStartTime: new Date(startedAtMs + timeToFirstTokenMs),
    }),
  };
}

/** Of a call that used nothing, as a refused one and most tools, no provider reported usage. */
function metadataOf(record: CallRecord): Record<string, unknown> {
  const { id, provider, outcome, refusalCode, usage, usageSource, priceVersion, context } = record;
  const isUsed = Object.values(usage).some((used) => used > 0);
  const all = {
    callId: id,
    provider,
    outcome,
    refusalCode,
    usageSource: isUsed || usageSource === "estimated" ? usageSource : undefined,
    priceVersion,
    agent: context.agent,
    task: context.task,
    requestedModel: record.requested?.name,
    reservedUsd: outcome === "unknown" ? record.reservedNanoUsd / 1e9 : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
