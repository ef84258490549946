import type { Permit } from "@burnrate/core";
import { cutReason, HoldBack } from "@burnrate/core/adapter";
import { isAnsweredInside } from "./joined-calls.ts";
import type { Attempt } from "./method.ts";
import type { StreamPart } from "./sdk-types.ts";
import { StreamEnd } from "./stream-end.ts";
import { toError } from "./to-error.ts";
import { toolCallIdOf } from "./to-outcome.ts";

type Controller = ReadableStreamDefaultController<StreamPart>;
type Step = Awaited<ReturnType<ReadableStreamDefaultReader<StreamPart>["read"]>>;

/**
 * Hands a model's stream on part by part, pulling only when it is pulled, and settles the call on
 * whichever end comes first: finish, error part, throw, no finish part, cancel, abort, kill. A kill
 * becomes the stream's last part, an error, and the model's own stream is cancelled.
 */
export function settleStream(
  upstream: ReadableStream<StreamPart>,
  attempt: Attempt,
): ReadableStream<StreamPart> {
  return new ReadableStream(new SettlingSource(upstream.getReader(), attempt), {
    highWaterMark: 0,
  });
}

/** What the framework pulls. One object a stream and one promise a part: this is paid for each. */
class SettlingSource {
  readonly #reader: ReadableStreamDefaultReader<StreamPart>;
  readonly #permit: Permit;
  readonly #end: StreamEnd;
  /** What waits for verdicts; undefined when nothing has to. */
  readonly #held: HoldBack<StreamPart> | undefined;
  #controller: Controller | undefined;
  /** Nothing more is handed on. */
  #closed = false;

  constructor(reader: ReadableStreamDefaultReader<StreamPart>, attempt: Attempt) {
    this.#reader = reader;
    this.#permit = attempt.permit;
    this.#end = new StreamEnd(attempt);
    const { permit, depth } = attempt;
    const holdsBack = isAnsweredInside(permit, depth) ? undefined : permit.holdsBack;
    this.#held = holdsBack && new HoldBack(holdsBack);
  }

  start(controller: Controller): void {
    this.#controller = controller;
    const { signal } = this.#permit;
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  pull(): Promise<void> {
    return this.#reader.read().then(this.#onRead, this.#onThrown);
  }

  async cancel(reason: unknown): Promise<void> {
    this.#close();
    this.#end.abandoned(reason);
    await this.#reader.cancel(reason);
  }

  /** Catches by itself: a `catch` behind it would be one more promise for each part. */
  readonly #onRead = (step: Step): void | Promise<void> => {
    if (this.#closed) return undefined;
    try {
      return step.done ? this.#onDone() : this.#onPart(step.value);
    } catch (thrown) {
      return this.#onThrown(thrown);
    }
  };

  #onDone(): void {
    this.#close();
    this.#end.ended();
    this.#controller?.close();
  }

  #onPart(part: StreamPart): void | Promise<void> {
    const judging = this.#end.see(part);
    if (judging !== undefined) {
      return judging.then((refusal) => this.#onJudged(part, refusal)).catch(this.#onThrown);
    }
    if (this.#held === undefined || part.type === "error" || part.type === "finish") {
      this.#held?.rest(); // of an answer that an error broke, nobody will judge anything
      return this.#controller?.enqueue(part);
    }
    return this.#hold(part, this.#held).catch(this.#onThrown);
  }

  /** Hands on what was held and the part that ends it, or in their place an evaluator's refusal. */
  #onJudged(part: StreamPart, refusal: unknown): void {
    if (this.#closed) return;
    if (refusal !== undefined) {
      this.#breakOff(refusal);
      return;
    }
    for (const held of this.#held?.rest() ?? []) this.#controller?.enqueue(held);
    this.#controller?.enqueue(part);
  }

  /** Hands on what may go by now. Who pulled is not asked again before it gets something. */
  async #hold(part: StreamPart, held: HoldBack<StreamPart>): Promise<void> {
    let free = held.add(part, charactersOf(part), toolCallIdOf(part) !== undefined);
    if (held.isReviewDue && (await this.#permit.review(this.#end.soFar()))) free = held.release();
    if (this.#closed) return undefined;
    for (const one of free) this.#controller?.enqueue(one);
    return free.length === 0 ? this.pull() : undefined;
  }

  readonly #onThrown = (thrown: unknown): void => {
    if (this.#closed) return;
    this.#close();
    const error = toError(thrown, this.#permit);
    this.#end.failed(error);
    this.#controller?.error(error);
  };

  readonly #onAbort = (): void => {
    const kill = cutReason(this.#permit);
    this.#end.failed(kill ?? this.#permit.signal.reason);
    if (kill !== undefined && !this.#closed) this.#breakOff(kill);
  };

  #breakOff(error: unknown): void {
    this.#close();
    this.#controller?.enqueue({ type: "error", error });
    this.#controller?.close();
    this.#reader.cancel(error).catch(() => undefined);
  }

  #close(): void {
    this.#closed = true;
    this.#permit.signal.removeEventListener("abort", this.#onAbort);
  }
}

function charactersOf(part: StreamPart): number {
  const isText = part.type === "text-delta" || part.type === "reasoning-delta";
  return isText && typeof part.delta === "string" ? part.delta.length : 0;
}
