import type { CallResult, ReportedUsage } from "@burnrate/core";
import { FinishedAnswer } from "./finished-answer.ts";
import { isCharged, isJoined, noteCharged, takeFailure } from "./joined-calls.ts";
import type { Attempt } from "./method.ts";
import type { StreamPart } from "./sdk-types.ts";
import { isImage } from "./to-modalities.ts";
import {
  AwaitedCalls,
  createOutputCollector,
  isWritten,
  type OutputCollector,
  toolCallIdOf,
} from "./to-outcome.ts";
import { toSources } from "./to-sources.ts";

/** English text has about four bytes a token; three leave room for other scripts and for code. */
const BYTES_PER_TOKEN = 3;

/** Whatever ends a stream, told to the guard: the first end counts. */
export class StreamEnd {
  readonly #attempt: Attempt;
  readonly #output: OutputCollector | undefined;
  readonly #awaited = new AwaitedCalls();
  readonly #isJoined: boolean;
  /** The first image that came, without its data: usage may not tell that there was one. */
  #image: { readonly type: "file"; readonly mediaType: string } | undefined;
  /** The first part that the model wrote: usage may not tell that there was any. */
  #written: StreamPart | undefined;
  #deltas = 0;
  #bytes = 0;
  /** What the first error part said: the finish part after it may still say the usage. */
  #told: { readonly error: unknown } | undefined;
  #settled = false;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
    this.#isJoined = isJoined(attempt.permit, attempt.depth);
    this.#output = attempt.permit.wantsOutput ? createOutputCollector() : undefined;
  }

  /** The output as far as it came. */
  soFar(): unknown {
    return this.#output?.content();
  }

  /** Looks at a part. Resolves to the error of a required evaluator that failed. */
  see(part: StreamPart): Promise<unknown> | undefined {
    switch (part?.type) {
      case "finish":
        return this.#finish(part);
      case "error":
        this.#told ??= { error: part.error };
        return undefined;
      default:
        if (!this.#isJoined) this.#progress(part);
        this.#collect(part);
        return undefined;
    }
  }

  /** The stream is over, mostly after its finish part. */
  ended(): void {
    if (this.#settled) return; // an error that nobody needs costs 20 µs
    this.failed(new Error("The model's stream ended without a finish part."));
  }

  /** An error that the stream told of itself comes before what became of it then. */
  failed(thrown: unknown, usage?: ReportedUsage): void {
    if (this.#settled) return;
    this.#settled = true;
    const { permit, run, runs, params } = this.#attempt;
    const error = this.#told === undefined ? thrown : this.#told.error;
    void permit.fail(error, usage && { usage });
    runs.failed(run, params, error);
  }

  abandoned(reason: unknown): void {
    if (this.#told !== undefined) this.failed(reason);
    if (this.#settled) return;
    this.#settled = true;
    void this.#attempt.permit.fail(reason, { abandoned: true });
    this.#attempt.run?.end(true);
  }

  #finish(part: StreamPart & { type: "finish" }): Promise<unknown> | undefined {
    if (this.#settled) return undefined;
    const { permit, run, runs, params, method } = this.#attempt;
    const answer = new FinishedAnswer(part, [this.#image, this.#written]);
    if (this.#told !== undefined) {
      this.failed(undefined, method.toUsage(answer, params));
      return undefined;
    }
    this.#settled = true;
    const failure = takeFailure(permit);
    const done =
      failure !== undefined && isCharged(part)
        ? permit.fail(failure.error)
        : permit.settle(this.#result(method.toUsage(answer, params)));
    noteCharged(part);
    const outcome = done.then(
      () => {
        if (run !== undefined) runs.stepped(run, params, this.#awaited.ids());
        return undefined;
      },
      (error: unknown) => {
        runs.failed(run, params, error);
        return error;
      },
    );
    return this.#output === undefined ? undefined : outcome; // only a judge is worth waiting for
  }

  #result(usage: ReportedUsage | undefined): CallResult {
    const { permit, params } = this.#attempt;
    return {
      ...(usage && { usage }),
      ...(this.#output && { output: this.#output.content() }),
      ...(permit.wantsSources && { sources: toSources(this.soFar(), params.prompt) }),
    };
  }

  /** Reports how much came; the first delta marks the time to first token. */
  #progress(part: StreamPart): void {
    const delta = (part as { delta?: unknown } | null | undefined)?.delta;
    if (typeof delta !== "string" && part?.type !== "tool-call") return;
    this.#deltas += 1;
    if (typeof delta === "string") this.#bytes += Buffer.byteLength(delta);
    const outputTokens = Math.max(this.#deltas, Math.ceil(this.#bytes / BYTES_PER_TOKEN));
    this.#attempt.permit.progress({ outputTokens });
  }

  #collect(part: StreamPart): void {
    this.#output?.add(part);
    if (part?.type === "file" && this.#image === undefined && isImage(part)) {
      this.#image = { type: "file", mediaType: part.mediaType };
    }
    if (this.#written === undefined && isWritten(part)) this.#written = part;
    this.#awaited.see(part);
    const id = toolCallIdOf(part);
    const { run, runs } = this.#attempt;
    if (run !== undefined && id !== undefined) runs.asked(run, id); // old versions run it at once
  }
}
