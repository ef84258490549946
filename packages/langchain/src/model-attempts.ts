import type { CallRequest, Guard, Permit } from "@burnrate/core";
import { cutReason } from "@burnrate/core/adapter";
import { Here } from "./here.ts";
import { NOTHING_SENT } from "./never-sent.ts";
import { notRetryable } from "./not-retryable.ts";
import { noteRefusal } from "./refusal-note.ts";
import { read } from "./shape.ts";
import { toEnd } from "./to-error.ts";

type Send = (...args: unknown[]) => Promise<unknown>;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What an attempt that was refused answers: were it thrown, LangChain would try once more. */
class Refused {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * The attempts of one call. LangChain repeats failed requests below its hooks (`maxRetries`), and a
 * failed one may have been billed, so each is a call of its own: the first has the permit that the
 * call began with, a further one begins when LangChain starts it.
 */
export class ModelAttempts {
  /** The permit of the newest attempt. */
  permit: Permit;
  readonly #guard: Guard;
  readonly #again: () => CallRequest;
  /**
   * Where the call was sent: LangChain may start an attempt from its queue, in somebody else's
   * context.
   */
  #sentFrom: Here | undefined;
  /** A request keeps the signal that it was prepared with; permits come and go. */
  #cut: AbortController | undefined;
  #running = 0;
  #parallel = false;
  #failed = false;
  #answered = false;
  #lost = false;
  readonly #onAnswer: ((answer: unknown) => void) | undefined;

  /** `again` makes the request for a further attempt, with the output limit that is sent already. */
  constructor(
    guard: Guard,
    again: () => CallRequest,
    first: Permit,
    onAnswer?: (answer: unknown) => void,
  ) {
    this.#guard = guard;
    this.#again = again;
    this.permit = first;
    this.#onAnswer = onAnswer;
  }

  /** Fires when the attempt in progress is cut. */
  get signal(): AbortSignal {
    if (this.#cut === undefined) {
      this.#cut = new AbortController();
      this.#follow(this.#cut);
    }
    return this.#cut.signal;
  }

  /** Whether one of several requests failed that may have been billed, and was repeated. */
  get hasLost(): boolean {
    return this.#lost;
  }

  /** Whether an answer came. */
  get answered(): boolean {
    return this.#answered;
  }

  /** LangChain's `AsyncCaller`, with each attempt that it makes guarded. */
  watch<C extends object>(caller: C): C {
    return new Proxy(caller, {
      get: (target, key, receiver) => {
        const value: unknown = Reflect.get(target, key, receiver);
        if (typeof value !== "function") return value;
        if (key === "call") return this.#sending(target, value as Method, 0);
        if (key === "callWithOptions") return this.#sending(target, value as Method, 1);
        return value;
      },
    });
  }

  #sending(caller: object, method: Method, at: number): Send {
    return async (...args) => {
      this.#sentFrom ??= new Here();
      const send = args[at] as Send;
      args[at] = (...inner: unknown[]) => this.#attempt(() => send(...inner));
      const answer = await method.apply(caller, args);
      if (answer instanceof Refused) throw answer.error;
      return answer;
    };
  }

  async #attempt(send: () => Promise<unknown>): Promise<unknown> {
    if (this.#failed) {
      try {
        await this.#beginAgain();
      } catch (error) {
        noteRefusal(error); // earlier attempts were sent
        return new Refused(notRetryable(error));
      }
    }
    this.#running += 1;
    if (this.#running > 1) this.#parallel = true;
    try {
      const answer = await send();
      if (answer instanceof Refused) {
        // A guard further inside has refused this attempt: nothing of it was sent.
        if (!this.#parallel) await this.permit.fail(answer.error, NOTHING_SENT);
        return answer;
      }
      this.#answered = true;
      this.#onAnswer?.(answer);
      return answer;
    } catch (error) {
      // Several requests of a call share one permit: the call's own end is theirs.
      if (this.#parallel || this.#answered) this.#lost = true;
      else await this.#fail(error);
      throw error;
    } finally {
      this.#running -= 1;
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#failed = true;
    await this.permit.fail(cutReason(this.permit) ?? toEnd(error));
  }

  async #beginAgain(): Promise<void> {
    const begin = async (): Promise<Permit> => this.#guard.begin(this.#again());
    const permit = await (this.#sentFrom?.run(begin) ?? begin());
    noteRefusal(undefined);
    this.permit = permit;
    this.#failed = false;
    if (this.#cut !== undefined) this.#follow(this.#cut);
    permit.dispatched();
  }

  #follow(controller: AbortController): void {
    const { signal } = this.permit;
    const cut = (): void => controller.abort(signal.reason);
    if (signal.aborted) cut();
    else signal.addEventListener("abort", cut, { once: true });
  }
}

/** Whether a model sends through LangChain's `AsyncCaller`, which repeats what fails. */
export function mayRepeat(model: object): boolean {
  return typeof read(read(model, "caller"), "call") === "function";
}
