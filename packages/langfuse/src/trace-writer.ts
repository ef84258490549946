import type { CallRecord, EvaluationResult, GuardEvents } from "@burnrate/core";
import { type Context, context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BoundedMap } from "./bounded-map.ts";
import { contextOf, isCallItself, isContext } from "./observations/observed-span.ts";
import { placeOf, writeObservation } from "./observations/write-observation.ts";
import { type Place, toScore } from "./scores/score.ts";
import type { ScoreQueue } from "./scores/score-queue.ts";
import { concerns, type SloSource } from "./slo-source.ts";

/** Which calls become observations of ours. */
export type Generations = "auto" | "always" | "never";

/** Calls and tasks whose place is remembered, for verdicts that come later. */
const MAX_REMEMBERED = 10_000;
/** Steps that wait for the next turn of the event loop. */
const MAX_QUEUED = 4_096;

/** What a writer is made with. */
export interface TraceWriterOptions {
  readonly scores: ScoreQueue;
  readonly generations: Generations;
  readonly slo: SloSource | undefined;
}

/**
 * Brings calls, verdicts and objectives to the trace that they belong to. Everything happens in
 * order, after the turn of the event loop in which it was told: no call waits for it.
 */
export class TraceWriter {
  dropped = 0;
  failed = 0;
  /** Verdicts of calls without a trace. */
  unplaced = 0;
  readonly #options: TraceWriterOptions;
  readonly #steps: (() => void)[] = [];
  /** `"none"` for a call without a trace. */
  readonly #places = new BoundedMap<Place | "none">(MAX_REMEMBERED);
  readonly #traces = new BoundedMap<string>(MAX_REMEMBERED);
  /** Verdicts that came before their call's record, as inline ones do. */
  readonly #early = new BoundedMap<EvaluationResult[]>(MAX_REMEMBERED);
  #scheduled = false;

  constructor(options: TraceWriterOptions) {
    this.#options = options;
  }

  /** A call ended, or was refused; `captured` is the context that was active where it began. */
  call(record: CallRecord, captured: unknown): void {
    this.#later(() => {
      const place = this.#place(record, isContext(captured) ? captured : ROOT_CONTEXT);
      const verdicts = this.#early.take(record.id) ?? [];
      this.#places.set(record.id, place ?? "none");
      if (place === undefined) {
        this.unplaced += verdicts.length;
        return;
      }
      const { task } = record.context;
      if (task !== undefined) this.#traces.set(task, place.traceId);
      for (const verdict of verdicts) this.#options.scores.add(toScore(record.id, place, verdict));
    });
  }

  verdict({ callId, taskId, result }: GuardEvents["evaluation-completed"]): void {
    this.#later(() => {
      if (callId === undefined) this.#taskVerdict(taskId, result);
      else this.#callVerdict(callId, result);
    });
  }

  /** The objectives that a task's agent is measured by, as they are at its end. */
  taskEnded({ id, context }: GuardEvents["task-ended"]): void {
    const { slo, scores } = this.#options;
    if (slo === undefined) return;
    const around = contextOf(trace.getActiveSpan())?.traceId; // of a task without calls
    this.#later(() => {
      const traceId = this.#traces.get(id) ?? around;
      if (traceId === undefined) return;
      for (const { name, match } of slo.objectives) {
        if (!concerns(match, context.agent)) continue;
        const { state, remaining } = slo.status(name);
        scores.add({
          id: `${id}:slo:${name}`,
          traceId,
          name: `slo:${name}`,
          value: state,
          dataType: "CATEGORICAL",
          ...(typeof remaining === "number" && { metadata: { remaining } }),
        });
      }
    });
  }

  /** Does everything that waits, outside of whatever trace is active by chance. */
  drain(): void {
    this.#scheduled = false;
    const steps = this.#steps.splice(0);
    context.with(ROOT_CONTEXT, () => {
      for (const step of steps) {
        try {
          step();
        } catch {
          this.failed++;
        }
      }
    });
  }

  #later(step: () => void): void {
    if (this.#steps.length >= MAX_QUEUED) {
      this.dropped++;
      return;
    }
    this.#steps.push(step);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.drain());
  }

  /**
   * Where the call is; a refused one is written in any case, because nobody else may have seen it.
   */
  #place(record: CallRecord, around: Context): Place | undefined {
    const { generations } = this.#options;
    const span = trace.getSpan(around);
    const parent = contextOf(span);
    const isSeen = generations === "auto" && span !== undefined && isCallItself(span, record);
    const isOurs = generations !== "never" && !isSeen;
    if (isOurs || record.outcome === "refused") {
      // What the application propagates to its observations, such as users and tags, is in there.
      const written = context.with(around, () => writeObservation(record, parent));
      return written ?? placeOf(parent); // tracing may be suppressed there
    }
    return placeOf(parent);
  }

  #callVerdict(callId: string, result: EvaluationResult): void {
    const place = this.#places.get(callId);
    if (place === "none") this.unplaced++;
    else if (place !== undefined) this.#options.scores.add(toScore(callId, place, result));
    else {
      const forgotten = this.#early.set(callId, [...(this.#early.get(callId) ?? []), result]);
      this.unplaced += forgotten?.length ?? 0;
    }
  }

  #taskVerdict(taskId: string | undefined, result: EvaluationResult): void {
    const traceId = taskId === undefined ? undefined : this.#traces.get(taskId);
    if (taskId === undefined || traceId === undefined) this.unplaced++;
    else this.#options.scores.add(toScore(taskId, { traceId }, result));
  }
}
