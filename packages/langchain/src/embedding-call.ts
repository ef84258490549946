import type { CallRequest, Guard, Permit, Usage } from "@burnrate/core";
import { beginAtOnce, cutReason, isPromise, type MaybePromise } from "@burnrate/core/adapter";
import { ownName } from "./describe-model.ts";
import type { CallRun } from "./lone-run.ts";
import { ModelAttempts, mayRepeat } from "./model-attempts.ts";
import { failed } from "./model-call.ts";
import { notRetryable } from "./not-retryable.ts";
import { hasPrivateState, overlaid, seenBy } from "./overlay.ts";
import { refusedWith } from "./refusal-note.ts";
import { type Loose, read } from "./shape.ts";
import { settle, withUsage } from "./to-outcome.ts";
import { isWrapper } from "./wrap-once.ts";

/** What the calls of one guarded embeddings object have in common. */
export interface EmbeddingHook {
  readonly guard: Guard;
  /** Undefined where neither the application nor the class says whose they are. */
  readonly provider: string | undefined;
}

type Embed = (input: unknown) => Promise<unknown>;

/** Under these names clients say how many tokens they embedded: Cohere's and Ollama's the last two. */
const COUNTS = [
  "prompt_tokens",
  "promptTokens",
  "total_tokens",
  "totalTokens",
  "inputTokens",
  "prompt_eval_count",
] as const;

/**
 * One request of an embeddings object that was admitted; what it repeats are calls of their own.
 */
export class EmbeddingCall {
  readonly #attempts: ModelAttempts;
  readonly #model: object;
  readonly #input: unknown;
  /** Whether another guard is next. */
  readonly guardedInside: boolean;
  /** The run is over with the list, not with this batch of it. */
  readonly lone = undefined;
  #tokens = 0;
  #isComplete = true;
  #answers = 0;

  private constructor(
    guard: Guard,
    embeddings: object,
    self: unknown,
    request: CallRequest,
    permit: Permit,
  ) {
    this.guardedInside = isWrapper(embeddings);
    this.#input = request.input;
    this.#attempts = new ModelAttempts(
      guard,
      () => request,
      permit,
      (answer) => this.#count(answer),
    );
    const watched = mayRepeat(embeddings) && !hasPrivateState(embeddings);
    const seen = watched ? seenBy(self, embeddings) : embeddings;
    this.#model = watched ? overlaid(seen, undefined, this.#attempts) : embeddings;
  }

  /**
   * `self` is what the method was called on. Gives a promise only where the guard has to wait.
   * @throws {GuardError} when refused; nothing was sent.
   */
  static begin(
    { guard, provider }: EmbeddingHook,
    embeddings: object,
    self: unknown,
    input: unknown,
    { task }: CallRun,
  ): MaybePromise<EmbeddingCall> {
    const request: CallRequest = {
      kind: "model",
      name: ownName(embeddings) ?? "unknown",
      ...(provider !== undefined && { provider }),
      input,
      estimate: { maxOutputTokens: 0 },
      ...(task && { task }),
    };
    const admitted = (permit: Permit): EmbeddingCall =>
      new EmbeddingCall(guard, embeddings, self, request, permit);
    const refused = (error: unknown): never => {
      throw refusedWith(error);
    };
    try {
      const begun = beginAtOnce(guard, request);
      return isPromise(begun) ? begun.then(admitted, refused) : admitted(begun);
    } catch (error) {
      return refused(error);
    }
  }

  /** The permit of the newest attempt. */
  get permit(): Permit {
    return this.#attempts.permit;
  }

  /** Whether some answer came of the request. */
  get answered(): boolean {
    return this.#attempts.answered;
  }

  /** Sends the request. */
  async run(method: "embedQuery" | "embedDocuments"): Promise<unknown> {
    let answer: unknown;
    try {
      this.permit.dispatched();
      answer = await ((this.#model as Loose)[method] as Embed).call(this.#model, this.#input);
    } catch (error) {
      const answered =
        this.#tokens > 0 ? { inputTokens: this.#tokens, outputTokens: 0 } : undefined;
      throw await failed(this, error, answered);
    }
    const reason = cutReason(this.permit);
    const result = withUsage(this.#usage(), undefined);
    if (reason !== undefined) {
      await this.permit.fail(reason, result);
      throw notRetryable(reason);
    }
    await settle(this.permit, this.permit.wantsOutput ? { ...result, output: answer } : result);
    return answer;
  }

  #count(answer: unknown): void {
    const usage = read(answer, "usage") ?? read(read(answer, "meta"), "billedUnits") ?? answer;
    const tokens = COUNTS.map((name) => read(usage, name)).find((count) => Number(count) > 0);
    this.#answers += 1;
    if (typeof tokens === "number") this.#tokens += tokens;
    else this.#isComplete = false;
  }

  /** Undefined where a request said nothing, or one of several may have been billed twice. */
  #usage(): Usage | undefined {
    const isKnown = this.#answers > 0 && this.#isComplete && !this.#attempts.hasLost;
    return isKnown ? { inputTokens: this.#tokens, outputTokens: 0 } : undefined;
  }
}
