import type { Context, Tracer } from "@opentelemetry/api";
import type { ToldCall } from "../accumulate/call-queue.ts";
import { EVALUATION_EVENT } from "../semantic-conventions.ts";
import { evaluationAttributes, isGood, spanAttributes, spanName } from "./span-attributes.ts";

/** Values of the API's enums, which a bundler may have removed. */
const KIND = { internal: 0, client: 2 } as const;
const ERROR = 2;

/** Writes a span for each call that is over, under the span that was active where it began. */
export function spanWriter(tracer: Tracer): (call: ToldCall) => void {
  return ({ record, captured }) => {
    const { startedAtMs, latencyMs, kind, provider, outcome, refusalCode } = record;
    const isRemote = kind === "model" || provider !== undefined;
    const options = {
      kind: isRemote ? KIND.client : KIND.internal,
      startTime: startedAtMs,
      attributes: spanAttributes(record),
    };
    const span = tracer.startSpan(spanName(record), options, captured as Context);
    const endMs = startedAtMs + latencyMs;
    for (const result of record.evaluations) {
      span.addEvent(EVALUATION_EVENT, evaluationAttributes(result), endMs);
    }
    if (!isGood(record)) span.setStatus({ code: ERROR, message: refusalCode ?? outcome });
    span.end(endMs);
  };
}
