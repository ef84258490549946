import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import { quote } from "../config/describe.ts";
import { type ContextFrame, enterApart } from "../context/context-frame.ts";
import { EvaluationFailedError } from "../errors/evaluation-failed-error.ts";
import type { Emitter } from "../events/emitter.ts";
import type { Clock } from "../ports/clock.ts";
import type { SliRecorder } from "../sli/recorder.ts";
import type { CheckedEvaluator } from "./check-evaluators.ts";
import { EvaluationQueue } from "./evaluation-queue.ts";
import type { EvaluationResult } from "./evaluator.ts";
import { type ChoosePanel, choosePanel, type Panel } from "./panel.ts";
import { type EvaluatorEnd, runEvaluator } from "./run-evaluator.ts";
import type { Source } from "./source.ts";
import type { Subject } from "./subject.ts";

/** What evaluators say about a stream that is not over. */
export interface Review {
  /** Whether all of it may be shown. */
  readonly passed: boolean;
  readonly refusal?: { readonly result: EvaluationResult; readonly error: EvaluationFailedError };
}

/**
 * Runs evaluators: inline ones before the caller gets the result, background ones from a bounded
 * queue. What an evaluator calls itself has the purpose `evaluation` and is never evaluated.
 */
export class EvaluationScheduler {
  readonly #clock: Clock;
  readonly #emitter: Emitter;
  readonly #sli: SliRecorder;
  readonly #panels: Readonly<Record<CheckedEvaluator["on"], ChoosePanel>>;
  readonly #queue: EvaluationQueue;
  readonly #areAny: boolean;

  constructor(
    evaluators: readonly CheckedEvaluator[],
    clock: Clock,
    emitter: Emitter,
    sli: SliRecorder,
  ) {
    this.#areAny = evaluators.length > 0;
    this.#clock = clock;
    this.#emitter = emitter;
    this.#sli = sli;
    // Nobody waits for these: they go on when the caller has left.
    this.#queue = new EvaluationQueue(clock, (evaluator, subject) =>
      this.#run(evaluator, subject, undefined).then(resultOf),
    );
    this.#panels = {
      model: choosePanel(evaluators, "model"),
      tool: choosePanel(evaluators, "tool"),
      task: choosePanel(evaluators, "task"),
    };
  }

  /** Whether there is any evaluator. */
  get areAny(): boolean {
    return this.#areAny;
  }

  /** Background evaluations that the full queue let go. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** The evaluators that will look at this call's output; undefined when none will. */
  panelOf({ kind, id, purpose }: GuardedCall): Panel | undefined {
    return purpose === "evaluation" ? undefined : this.#panels[kind](id);
  }

  /**
   * Judges a settled call; resolves to the error that its caller must see, if any: of a caller that
   * went away before all inline verdicts were there, its signal's reason.
   */
  judge(
    { inline, background }: Panel,
    subject: Subject,
    into: EvaluationResult[],
  ): Promise<Error | undefined> {
    for (const evaluator of background) this.#queue.add(evaluator, subject);
    return this.#judgeNow(inline, subject, into);
  }

  /**
   * Judges what a stream has brought so far. Undecided stays held, and the verdict on the whole
   * will say; only a pass and a refusal are certain.
   */
  async review({ windowed }: Panel, subject: Subject): Promise<Review> {
    const ends = windowed.map((one) => this.#verdict(one, subject, subject.caller));
    const results = (await Promise.all(ends)).map(resultOf);
    const failed = results.find((result, i) => refusesNow(windowed[i] as CheckedEvaluator, result));
    if (failed === undefined) return { passed: results.every((one) => one?.status === "passed") };
    this.#publish(failed, subject);
    return { passed: false, refusal: { result: failed, error: failedError(failed, undefined) } };
  }

  /** Judges a settled call that no inline evaluator looks at. */
  judgeLater({ background }: Panel, subject: Subject): void {
    for (const evaluator of background) this.#queue.add(evaluator, subject);
  }

  /** Whether an evaluator will look at a task. */
  wantsTask(frame: ContextFrame, taskId: string): boolean {
    return frame.purpose !== "evaluation" && this.#panels.task(taskId) !== undefined;
  }

  /** Judges a task that returned; undefined when nobody waits for a verdict. */
  judgeTask(
    frame: ContextFrame,
    taskId: string,
    input: unknown,
    output: unknown,
    sources: readonly Source[],
  ): Promise<Error | undefined> | undefined {
    const panel = frame.purpose === "evaluation" ? undefined : this.#panels.task(taskId);
    if (panel === undefined) return undefined;
    const subject: Subject = { on: "task", input, output, record: undefined, sources, frame };
    if (panel.inline.length > 0) return this.judge(panel, subject, []);
    this.judgeLater(panel, subject);
    return undefined;
  }

  /** Waits for everything in the queue that has a chance. */
  idle(): Promise<void> {
    return this.#queue.close();
  }

  async #judgeNow(
    inline: readonly CheckedEvaluator[],
    subject: Subject,
    into: EvaluationResult[],
  ): Promise<Error | undefined> {
    const { caller, record } = subject;
    const ends = await Promise.all(inline.map((one) => this.#run(one, subject, caller)));
    const results = ends.map(resultOf);
    into.push(...results.filter((result) => result !== undefined));
    const failed = results.find((result, i) => refuses(inline[i] as CheckedEvaluator, result));
    if (failed !== undefined) return failedError(failed, record);
    return ends.includes("left") ? (caller?.reason as Error) : undefined;
  }

  /** Apart: what an evaluator calls is no attempt of the call that it judges, nor its refusal. */
  #verdict(
    evaluator: CheckedEvaluator,
    subject: Subject,
    until: AbortSignal | undefined,
  ): Promise<EvaluatorEnd> {
    const { frame, call: _, caller: __, ...seen } = subject;
    const { context, tasks } = frame;
    const evaluating: ContextFrame = Object.freeze({ context, tasks, purpose: "evaluation" });
    return enterApart(evaluating, () =>
      runEvaluator(evaluator, { ...seen, context }, this.#clock, until),
    );
  }

  async #run(
    evaluator: CheckedEvaluator,
    subject: Subject,
    until: AbortSignal | undefined,
  ): Promise<EvaluatorEnd> {
    const end = await this.#verdict(evaluator, subject, until);
    const result = resultOf(end);
    if (result !== undefined) this.#publish(result, subject);
    return end;
  }

  #publish(result: EvaluationResult, { on, record, call = record, frame }: Subject): void {
    const { context } = frame;
    const model = call?.model;
    const atMs = this.#clock.wallMs();
    const name = model ?? call?.name;
    this.#sli.recordEvaluation({ kind: on, name, model, context, result, atMs });
    const about = { callId: call?.id, taskId: context.task };
    this.#emitter.emit("evaluation-completed", { ...about, context, result });
  }
}

function resultOf(end: EvaluatorEnd): EvaluationResult | undefined {
  return end === "left" ? undefined : end;
}

/**
 * A stream that is not over may leave an evaluator unsure; one that errs will not be surer later.
 */
function refusesNow(evaluator: CheckedEvaluator, result: EvaluationResult | undefined): boolean {
  return result?.status !== "unsure" && refuses(evaluator, result);
}

function refuses(evaluator: CheckedEvaluator, result: EvaluationResult | undefined): boolean {
  if (evaluator.onFail !== "refuse" || result === undefined) return false;
  if (result.status === "passed") return false;
  return evaluator.required || result.status === "failed";
}

function failedError(
  result: EvaluationResult,
  record: CallRecord | undefined,
): EvaluationFailedError {
  const { evaluator, status, score, label } = result;
  const why = label === undefined ? status : `${status}: ${quote(label)}`;
  return new EvaluationFailedError({
    message: `evaluator ${quote(evaluator)} did not pass (${why}). The call was made and paid for; its result is withheld. Mend the prompt, or set onFail: "record".`,
    scope: `evaluator:${evaluator}`,
    details: { evaluator, status, score },
    ...(record !== undefined && { record }),
  });
}
