import type { CallRecord } from "@burnrate/core";
import { type Context, context as contextApi, type Tracer } from "@opentelemetry/api";
import { EVALUATION_EVENT } from "../semantic-conventions.ts";
import { evaluationAttributes, isGood, spanAttributes, spanName } from "./span-attributes.ts";

/** Calls whose span waits to be written. */
const MAX_QUEUED = 2_048;

/** Values of the API's enums, which a bundler may have removed. */
const KIND = { internal: 0, client: 2 } as const;
const ERROR = 2;

/**
 * Writes a span for each call once the call is over, from a bounded queue and after the turn of the
 * event loop in which it ended: whatever the tracer does, no call waits for it.
 */
export class SpanWriter {
  dropped = 0;
  failed = 0;
  readonly #tracer: Tracer;
  readonly #queue: { readonly record: CallRecord; readonly parent: Context }[] = [];
  #scheduled = false;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Takes a call; `parent` is the context in which it began. */
  add(record: CallRecord, parent: unknown): void {
    if (this.#queue.length >= MAX_QUEUED) {
      this.dropped++;
      return;
    }
    this.#queue.push({ record, parent: isContext(parent) ? parent : contextApi.active() });
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.drain());
  }

  /** Writes everything that waits. */
  drain(): void {
    this.#scheduled = false;
    for (const { record, parent } of this.#queue.splice(0)) {
      try {
        this.#write(record, parent);
      } catch {
        this.failed++;
      }
    }
  }

  #write(record: CallRecord, parent: Context): void {
    const { startedAtMs, latencyMs, kind, provider, outcome, refusalCode } = record;
    const isRemote = kind === "model" || provider !== undefined;
    const options = {
      kind: isRemote ? KIND.client : KIND.internal,
      startTime: startedAtMs,
      attributes: spanAttributes(record),
    };
    const span = this.#tracer.startSpan(spanName(record), options, parent);
    const endMs = startedAtMs + latencyMs;
    for (const result of record.evaluations) {
      span.addEvent(EVALUATION_EVENT, evaluationAttributes(result), endMs);
    }
    if (!isGood(record)) span.setStatus({ code: ERROR, message: refusalCode ?? outcome });
    span.end(endMs);
  }
}

function isContext(value: unknown): value is Context {
  return typeof (value as Context | undefined)?.getValue === "function";
}
