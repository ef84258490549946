import { AsyncResource } from "node:async_hooks";
import { setImmediate } from "node:timers";
import type { CancelTimer, Clock } from "../ports/clock.ts";
import type { CheckedEvaluator } from "./check-evaluators.ts";
import type { EvaluationResult } from "./evaluator.ts";
import type { Subject } from "./subject.ts";

type Run = (evaluator: CheckedEvaluator, subject: Subject) => Promise<EvaluationResult | undefined>;

/** Most evaluations that wait. */
const MAX_QUEUED = 1_000;
/** Most that run at a time. */
const MAX_RUNNING = 8;
/** How long a turn of the event loop begins further ones; what comes in goes first then. */
const TURN_MS = 2;
/** How long a guard that closes begins evaluations without a verdict on any. */
const PATIENCE_MS = 30_000;
/** Nobody listens for its end, which costs more than all the rest. */
const RESOURCE = { requireManualDestroy: true };

/** An evaluation that waits, with the asynchronous context of the call that it is about. */
class Job extends AsyncResource {
  readonly evaluator: CheckedEvaluator;
  readonly subject: Subject;

  constructor(evaluator: CheckedEvaluator, subject: Subject) {
    super("BURNRATE_EVALUATION", RESOURCE);
    this.evaluator = evaluator;
    this.subject = subject;
  }
}

/**
 * Evaluations in the background. A call only leaves a job here; the work begins in a later turn of
 * the event loop, for 2 ms at a time, so that it delays neither the call nor what comes in
 * meanwhile. The queue is a ring: adding and taking cost the same however many wait.
 */
export class EvaluationQueue {
  readonly #run: Run;
  readonly #clock: Clock;
  #ring: (Job | undefined)[] = [];
  #first = 0;
  #waiting = 0;
  #running = 0;
  #isScheduled = false;
  #turnMs = 0;
  #dropped = 0;
  #onIdle: (() => void)[] = [];
  #hasGivenUp = false;
  #cancelPatience: CancelTimer | undefined;

  constructor(clock: Clock, run: Run) {
    this.#clock = clock;
    this.#run = run;
  }

  /** How many found the queue full, or a guard that closed without them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Leaves a job; one that finds the queue full is dropped, and counted. */
  add(evaluator: CheckedEvaluator, subject: Subject): void {
    // Calls that never wait leave the event loop no turn in which to begin.
    if (this.#waiting === MAX_QUEUED) this.#begin();
    if (this.#waiting === MAX_QUEUED || this.#hasGivenUp) {
      this.#dropped++;
      return;
    }
    this.#ring[(this.#first + this.#waiting) % MAX_QUEUED] = new Job(evaluator, subject);
    this.#waiting++;
    this.#schedule();
  }

  /**
   * Waits for every job, as long as there are verdicts: after 30 s without one, what has not begun
   * is dropped and counted, so that a judge that hangs holds a guard up for its deadline alone.
   */
  close(): Promise<void> {
    if (this.#waiting + this.#running === 0) return Promise.resolve();
    this.#awaitVerdict();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #awaitVerdict(): void {
    this.#cancelPatience?.();
    this.#cancelPatience = this.#clock.setTimer(() => this.#giveUp(), PATIENCE_MS);
  }

  #giveUp(): void {
    this.#hasGivenUp = true;
    this.#dropped += this.#waiting;
    this.#ring = [];
    this.#waiting = 0;
    this.#tellIdle();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting === 0 || this.#running >= MAX_RUNNING) return;
    this.#isScheduled = true;
    setImmediate(beginIn, this);
  }

  /** Begins as many as may run. */
  turn(): void {
    this.#isScheduled = false;
    this.#turnMs = this.#clock.monotonicMs();
    this.#begin();
  }

  #begin(): void {
    while (this.#waiting > 0 && this.#running < MAX_RUNNING) {
      const job = this.#ring[this.#first] as Job;
      this.#ring[this.#first] = undefined; // its content is nobody's any more
      this.#first = (this.#first + 1) % MAX_QUEUED;
      this.#waiting--;
      this.#running++;
      void job
        .runInAsyncScope(this.#run, undefined, job.evaluator, job.subject)
        .then(this.#ended, () => this.#ended(undefined));
    }
  }

  readonly #ended = (result: EvaluationResult | undefined): void => {
    this.#running--;
    const isVerdict = result?.status === "passed" || result?.status === "failed";
    if (isVerdict && this.#cancelPatience !== undefined) this.#awaitVerdict();
    if (this.#clock.monotonicMs() - this.#turnMs < TURN_MS) this.#begin();
    else this.#schedule();
    this.#tellIdle();
  };

  #tellIdle(): void {
    if (this.#waiting + this.#running > 0) return;
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

function beginIn(queue: EvaluationQueue): void {
  queue.turn();
}
