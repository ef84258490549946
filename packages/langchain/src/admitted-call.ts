import type { Permit } from "@burnrate/core";
import type { HeldTokens } from "./held-tokens.ts";
import type { LoneRun } from "./lone-run.ts";
import type { ModelAttempts } from "./model-attempts.ts";

/** The arguments of `_generate`, `_streamResponseChunks` and `_streamChatModelEvents`. */
export type ModelArguments = readonly [input: unknown, options: unknown, runManager?: unknown];

/** A model call that was admitted: what to call, and with what. */
export class AdmittedCall {
  /** Where LangChain may repeat what fails. */
  readonly attempts: ModelAttempts | undefined;
  readonly model: object;
  /** Whether it is another model than the caller's. */
  readonly substituted: boolean;
  readonly args: ModelArguments;
  /** Whether another guard is next: when that one refuses, nothing was sent. */
  readonly guardedInside: boolean;
  /** Tokens that the model tells of itself, where text is held back for an evaluator. */
  readonly tokens: HeldTokens | undefined;
  /** The run, where it is this call alone. */
  readonly lone: LoneRun | undefined;
  readonly #first: Permit;

  constructor(known: Omit<AdmittedCall, "answered">) {
    this.#first = known.permit;
    this.attempts = known.attempts;
    this.model = known.model;
    this.substituted = known.substituted;
    this.args = known.args;
    this.guardedInside = known.guardedInside;
    this.tokens = known.tokens;
    this.lone = known.lone;
  }

  /** Of the newest attempt, where LangChain repeats what fails. */
  get permit(): Permit {
    return this.attempts?.permit ?? this.#first;
  }

  /** Whether some answer came of a request: it was sent. */
  get answered(): boolean {
    return this.attempts?.answered ?? false;
  }
}
