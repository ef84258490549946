import type { CallRecord } from "@burnrate/core";
import { type Context, isSpanContextValid, type Span, type SpanContext } from "@opentelemetry/api";

const TYPE = "langfuse.observation.type";
const OPERATION = "gen_ai.operation.name";
const MODEL_TYPES: readonly unknown[] = ["generation", "embedding"];
const MODEL_OPERATIONS: readonly unknown[] = [
  "chat",
  "text_completion",
  "generate_content",
  "embeddings",
];

/** Of the AI SDK's own spans before the conventions: `ai.streamText.doStream`, `ai.toolCall`. */
const AI_OPERATION = "ai.operationId";
const AI_MODEL_CALL = /^ai\.\w+\.do[A-Z]/;
const AI_TOOL_CALL = "ai.toolCall";

/** A context that was active where a call began, as far as it can be told. */
export function isContext(value: unknown): value is Context {
  return typeof (value as Context | undefined)?.getValue === "function";
}

/** Where a span is; undefined without an SDK, where all of them have the same ids of zeros. */
export function contextOf(span: Span | undefined): SpanContext | undefined {
  const context = span?.spanContext();
  return context !== undefined && isSpanContextValid(context) ? context : undefined;
}

/**
 * Whether a span is the call itself, as an instrumentation of its framework sees it: then a second
 * observation would count its money twice. Spans of an SDK show their attributes.
 */
export function isCallItself(span: Span, { kind }: CallRecord): boolean {
  const { attributes } = span as { readonly attributes?: Readonly<Record<string, unknown>> };
  if (attributes === undefined) return false;
  const { [TYPE]: type, [OPERATION]: operation, [AI_OPERATION]: aiOperation } = attributes;
  if (kind === "tool") {
    return type === "tool" || operation === "execute_tool" || aiOperation === AI_TOOL_CALL;
  }
  const isModelCall = MODEL_TYPES.includes(type) || MODEL_OPERATIONS.includes(operation);
  return isModelCall || AI_MODEL_CALL.test(`${aiOperation}`);
}
