import type { Permit } from "@burnrate/core";
import type { Attempt } from "./method.ts";
import type { StreamPart } from "./sdk-types.ts";
import { StreamEnd } from "./stream-end.ts";
import { killOf, toError } from "./to-error.ts";

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
  #controller: Controller | undefined;
  /** Nothing more is handed on. */
  #closed = false;

  constructor(reader: ReadableStreamDefaultReader<StreamPart>, attempt: Attempt) {
    this.#reader = reader;
    this.#permit = attempt.permit;
    this.#end = new StreamEnd(attempt);
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
    if (judging === undefined) return this.#controller?.enqueue(part);
    return judging.then((refusal) => this.#handOn(part, refusal)).catch(this.#onThrown);
  }

  /** Hands a judged part on, or in its place the error of the evaluator that failed it. */
  #handOn(part: StreamPart, refusal: unknown): void {
    if (this.#closed) return;
    if (refusal !== undefined) this.#breakOff(refusal);
    else this.#controller?.enqueue(part);
  }

  readonly #onThrown = (thrown: unknown): void => {
    if (this.#closed) return;
    this.#close();
    const error = toError(thrown, this.#permit);
    this.#end.failed(error);
    this.#controller?.error(error);
  };

  readonly #onAbort = (): void => {
    const kill = killOf(this.#permit);
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
