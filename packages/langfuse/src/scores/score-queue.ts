import type { CancelTimer, Clock } from "@burnrate/core";
import type { Score } from "./score.ts";
import type { ScoreSender } from "./score-sender.ts";

/** Requests at once. */
const CONCURRENCY = 4;
/** After so many attempts a score is given up. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 60_000;
/** What is asked for is kept to, as long as it makes sense. */
const MAX_ASKED_MS = 3_600_000;

/** What became of scores. */
export interface ScoreCounts {
  readonly waiting: number;
  readonly sent: number;
  /** Langfuse said no: 401, 400 and the like. */
  readonly rejected: number;
  /** Let go because the queue was full, or after five attempts. */
  readonly dropped: number;
  /** A status code, or `network`. */
  readonly lastError: string | undefined;
}

interface Waiting {
  readonly score: Score;
  attempts: number;
}

/**
 * Sends scores from a bounded queue, a few at once. When Langfuse is busy or away everything
 * pauses, for as long as it asks or for longer each time; nobody ever waits for it.
 */
export class ScoreQueue {
  readonly #send: ScoreSender;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  readonly #timeoutMs: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #isClosed = false;
  #failures = 0;
  #resume: CancelTimer | undefined;
  /** Epoch ms of the end of the pause. */
  #pausedUntilMs = 0;
  #idle: (() => void)[] = [];
  #sent = 0;
  #rejected = 0;
  #dropped = 0;
  #lastError: string | undefined;

  constructor(send: ScoreSender, clock: Clock, maxWaiting: number, timeoutMs: number) {
    this.#send = send;
    this.#clock = clock;
    this.#maxWaiting = maxWaiting;
    this.#timeoutMs = timeoutMs;
  }

  get counts(): ScoreCounts {
    return {
      waiting: this.#waiting.length + this.#running,
      sent: this.#sent,
      rejected: this.#rejected,
      dropped: this.#dropped,
      lastError: this.#lastError,
    };
  }

  add(score: Score): void {
    if (this.#isClosed || this.#waiting.length >= this.#maxWaiting) {
      this.#dropped++;
      return;
    }
    this.#waiting.push({ score, attempts: 0 });
    this.#pump();
  }

  /** Tries everything now, whatever was asked for; resolves when it is sent, or must wait. */
  flush(): Promise<void> {
    this.#resume?.();
    this.#resume = undefined;
    this.#pump();
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes scores again, after {@link close}. */
  open(): void {
    this.#isClosed = false;
  }

  /** What still waits is let go. */
  close(): void {
    this.#isClosed = true;
    this.#resume?.();
    this.#resume = undefined;
    this.#dropped += this.#waiting.splice(0).length;
  }

  #pump(): void {
    while (this.#resume === undefined && this.#running < CONCURRENCY) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#running++;
      void this.#attempt(next);
    }
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #attempt(waiting: Waiting): Promise<void> {
    const result = await this.#send(waiting.score, this.#timeoutMs);
    this.#running--;
    if (result.kind === "accepted") {
      this.#sent++;
      this.#failures = 0;
    } else {
      this.#lastError = result.reason;
      if (result.kind === "rejected") this.#rejected++;
      else this.#later(waiting, result.retryAfterMs);
    }
    this.#pump();
  }

  #later(waiting: Waiting, retryAfterMs: number | undefined): void {
    waiting.attempts++;
    const isOver = this.#isClosed || waiting.attempts >= MAX_ATTEMPTS;
    if (isOver || this.#waiting.length >= this.#maxWaiting) {
      this.#dropped++;
    } else this.#waiting.unshift(waiting);
    if (!this.#isClosed) this.#pause(retryAfterMs);
  }

  /** Of requests that were made at once the one that asks for the longest pause is kept to. */
  #pause(askedMs: number | undefined): void {
    const isPaused = this.#resume !== undefined;
    if (isPaused && askedMs === undefined) return;
    const pauseMs = Math.min(askedMs ?? this.#backOffMs(), MAX_ASKED_MS);
    const untilMs = this.#clock.wallMs() + pauseMs;
    if (isPaused && untilMs <= this.#pausedUntilMs) return;
    this.#resume?.();
    this.#pausedUntilMs = untilMs;
    this.#resume = this.#clock.setTimer(
      () => {
        this.#resume = undefined;
        this.#pump();
      },
      pauseMs,
      "background",
    );
  }

  #backOffMs(): number {
    return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures++, 10), MAX_PAUSE_MS);
  }
}
