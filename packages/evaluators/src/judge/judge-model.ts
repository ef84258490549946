import type { Usage } from "@burnrate/core";

/** One question to a judge: what it must do, and the texts that it judges, apart. */
export interface JudgeRequest {
  /** The task, in the developer's words only. */
  readonly system: string;
  /** The texts, each inside a fence that they cannot write themselves, and the task once more. */
  readonly prompt: string;
  /** JSON Schema of the answer: `reason`, then `verdict`, one of the scale's labels. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Fires at the judge's deadline, and when nobody waits for the verdict any more. */
  readonly signal: AbortSignal;
}

/**
 * What a judge answers: `text`, or `object` when something else has parsed it already. With both,
 * a text that is another verdict than the object makes the answer unreadable.
 */
export interface JudgeReply {
  readonly text?: string;
  readonly object?: unknown;
  readonly usage?: Usage;
  /** What the call cost, in dollars; comes before `priceOf`. */
  readonly costUsd?: number;
  /**
   * How probable each label is; on a scale of two labels, a number is the better one's. The score
   * becomes the expected value.
   */
  readonly probability?: number | Readonly<Record<string, number>>;
}

/**
 * A judge as a function: a prompt of your own client, a local model, a recorded transcript. A
 * string is its `text`.
 */
export type JudgeFunction = (
  request: JudgeRequest,
) => JudgeReply | string | Promise<JudgeReply | string>;

/** What is used of an AI SDK language model (specifications `v2` to `v4`), told by `doGenerate`. */
export interface AiSdkJudgeModel {
  readonly specificationVersion: string;
  readonly modelId: string;
  doGenerate(options: never): PromiseLike<unknown>;
}

/** What is used of a LangChain chat model, told by `invoke`. */
export interface LangChainJudgeModel {
  invoke(input: never, options?: never): Promise<unknown>;
}

/**
 * Who judges. A function is called with the request; an object with `doGenerate` and a
 * `specificationVersion` of `v2`, `v3` or `v4` is an AI SDK language model (not its name as a
 * string); any other object with `invoke` is a LangChain chat model. One that a guard wraps
 * (`guardModel`) is billed and limited by that guard, as a call with the purpose `evaluation`.
 */
export type JudgeModel = AiSdkJudgeModel | LangChainJudgeModel | JudgeFunction;

/** A judge as the rest of this folder asks it, and what it is called. */
export interface Asker {
  /** The model's id, where it has one. */
  readonly modelId: string | undefined;
  ask(request: JudgeRequest): Promise<JudgeReply>;
}
