import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { quote } from "../config/describe.ts";
import { type ContextFrame, runInFrame } from "../context/context-frame.ts";
import { EvaluationFailedError } from "../errors/evaluation-failed-error.ts";
import type { Emitter } from "../events/emitter.ts";
import type { Clock } from "../ports/clock.ts";
import type { SliRecorder } from "../sli/sli-recorder.ts";
import type { CheckedEvaluator } from "./check-evaluators.ts";
import type { EvaluationInput, EvaluationResult } from "./evaluator.ts";
import { runEvaluator } from "./run-evaluator.ts";
import { isSampled } from "./sample.ts";

const MAX_QUEUED = 1_000;
const MAX_RUNNING = 8;

type Subject = Omit<EvaluationInput, "signal">;
type Job = () => Promise<unknown>;

/** What a verdict is about, in names. */
interface About {
  readonly kind: "model" | "tool" | "task";
  readonly name: string | undefined;
  readonly callId: string | undefined;
  readonly taskId: string | undefined;
}

/**
 * Runs evaluators: inline ones before the caller gets the result, background ones from a bounded
 * queue. What an evaluator calls itself has the purpose `evaluation` and is never evaluated.
 */
export class EvaluationScheduler {
  readonly #evaluators: readonly CheckedEvaluator[];
  readonly #clock: Clock;
  readonly #emitter: Emitter;
  readonly #sli: SliRecorder;
  readonly #queue: Job[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #dropped = 0;

  constructor(
    evaluators: readonly CheckedEvaluator[],
    clock: Clock,
    emitter: Emitter,
    sli: SliRecorder,
  ) {
    this.#evaluators = evaluators;
    this.#clock = clock;
    this.#emitter = emitter;
    this.#sli = sli;
  }

  /** Background evaluations that the full queue let go. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether any evaluator will look at this call's output. */
  wants(call: GuardedCall): boolean {
    if (this.#evaluators.length === 0 || call.purpose === "evaluation") return false;
    return this.#chosen(call.kind, call.id).length > 0;
  }

  /** Judges a settled call that is wanted; resolves to the error that its caller must see, if any. */
  judgeCall(
    call: GuardedCall,
    record: CallRecord,
    output: unknown,
    into: EvaluationResult[],
  ): Promise<Error | undefined> {
    const { kind, id, context, input } = call;
    const subject = { on: kind, input, output, record, context };
    const about = { kind, name: call.model ?? call.name, callId: id, taskId: context.task };
    return this.#judge(this.#chosen(kind, id), call.frame, subject, about, into, record);
  }

  /** Judges a task that returned; undefined when no evaluator looks at it. */
  judgeTask(
    frame: ContextFrame,
    taskId: string,
    input: unknown,
    output: unknown,
  ): Promise<Error | undefined> | undefined {
    if (this.#evaluators.length === 0 || frame.purpose === "evaluation") return undefined;
    const chosen = this.#chosen("task", taskId);
    if (chosen.length === 0) return undefined;
    const { context } = frame;
    const subject: Subject = { on: "task", input, output, record: undefined, context };
    const about: About = { kind: "task", name: undefined, callId: undefined, taskId };
    return this.#judge(chosen, frame, subject, about, [], undefined);
  }

  /** Waits for everything in the queue. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #chosen(on: CheckedEvaluator["on"], id: string): readonly CheckedEvaluator[] {
    return this.#evaluators.filter((e) => e.on === on && isSampled(e.name, id, e.sample));
  }

  async #judge(
    chosen: readonly CheckedEvaluator[],
    frame: ContextFrame,
    subject: Subject,
    about: About,
    into: EvaluationResult[],
    record: CallRecord | undefined,
  ): Promise<Error | undefined> {
    const evaluating: ContextFrame = Object.freeze({ ...frame, purpose: "evaluation" });
    const run = async (evaluator: CheckedEvaluator): Promise<EvaluationResult> => {
      const result = await runInFrame(evaluating, () =>
        runEvaluator(evaluator, subject, this.#clock),
      );
      this.#publish(result, subject, about);
      return result;
    };
    const inline = chosen.filter((evaluator) => evaluator.mode !== "background");
    for (const e of chosen) if (e.mode === "background") this.#enqueue(() => run(e));
    const results = await Promise.all(inline.map(run));
    into.push(...results);
    const index = results.findIndex((result, i) => refuses(inline[i] as CheckedEvaluator, result));
    const failed = results[index];
    return failed === undefined ? undefined : failedError(failed, record);
  }

  #publish(result: EvaluationResult, subject: Subject, about: About): void {
    const { context, record } = subject;
    const { kind, name, callId, taskId } = about;
    const atMs = this.#clock.wallMs();
    this.#sli.recordEvaluation({ kind, name, model: record?.model, context, result, atMs });
    this.#emitter.emit("evaluation-completed", { callId, taskId, context, result });
  }

  #enqueue(job: Job): void {
    if (this.#running.size < MAX_RUNNING) this.#start(job);
    else if (this.#queue.length < MAX_QUEUED) this.#queue.push(job);
    else this.#dropped++;
  }

  #start(job: Job): void {
    const running: Promise<unknown> = job().finally(() => {
      this.#running.delete(running);
      const next = this.#queue.shift();
      if (next !== undefined) this.#start(next);
    });
    this.#running.add(running);
  }
}

function refuses(evaluator: CheckedEvaluator, result: EvaluationResult): boolean {
  if (evaluator.onFail !== "refuse" || result.status === "passed") return false;
  return evaluator.required || result.status === "failed";
}

function failedError(result: EvaluationResult, record: CallRecord | undefined): Error {
  const { evaluator, status, score, label } = result;
  const why = label === undefined ? status : `${status}: ${quote(label)}`;
  return new EvaluationFailedError({
    message: `evaluator ${quote(evaluator)} did not pass (${why}). The call was made and paid for; its result is withheld. Mend the prompt, or set onFail: "record".`,
    scope: `evaluator:${evaluator}`,
    details: { evaluator, status, score },
    ...(record !== undefined && { record }),
  });
}
