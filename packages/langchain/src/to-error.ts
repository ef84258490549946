import { isGuardError } from "@burnrate/core";
import { read, readText } from "./shape.ts";

/** An interrupt or a parent command of LangGraph: control flow, not failure. */
export function isBubbleUp(error: unknown): boolean {
  return read(error, "is_bubble_up") === true;
}

/** A run that stops to wait for somebody, as opposed to other control flow. */
export function isInterrupt(error: unknown): boolean {
  return isBubbleUp(error) && /Interrupt$/.test(readText(error, "name") ?? "");
}

/** An abort by the caller, as LangChain, LangGraph and the platform name it. */
export function isAbort(error: unknown): boolean {
  const name = readText(error, "name");
  return (
    name === "AbortError" ||
    name === "ModelAbortError" ||
    read(error, "lc_error_code") === "MODEL_ABORTED" ||
    /^(Abort|AbortError|Aborted)$/.test(readText(error, "message") ?? "")
  );
}

/** Whether a signal fired because time was up. */
export function isTimeout(signal: unknown): boolean {
  return readText(read(signal, "reason"), "name") === "TimeoutError";
}

/** What OpenAI's client throws before it sends anything: it has no key, or is given none. */
const NO_KEY =
  /^(Missing credentials\. Please pass|The OPENAI_API_KEY environment variable is missing|(Failed to get token from|Expected) 'apiKey' function)/;
/** How the addresses end that it makes; others may be of what a model answered. */
const ENDPOINT = /\/(completions|responses|embeddings)$/;
/** Status of an answer that costs nothing. */
const BAD_REQUEST = 400;

/**
 * What the guard is told of the error of a model, of whose answer nothing has come. A request that
 * a client could not make, for want of a key or of an address that is one, was never sent, so it
 * counts as one that the provider turned down.
 */
export function toEnd(error: unknown): unknown {
  const isNoAddress =
    read(error, "code") === "ERR_INVALID_URL" && ENDPOINT.test(readText(error, "input") ?? "");
  if (!isNoAddress && !NO_KEY.test(readText(error, "message") ?? "")) return error;
  const unmade = new Error("The request could not be made.", { cause: error });
  return Object.assign(unmade, { status: BAD_REQUEST });
}

/** A tool call as the model asked for it. */
export interface AskedToolCall {
  readonly id?: string | undefined;
  readonly name: string;
}

/** The text that LangChain's `ToolNode` gives the model for an exception of a tool. */
export function toolErrorText(error: unknown): string {
  if (isGuardError(error)) return `${error.name}: ${error.message}`;
  if (read(error, "~brand") === "ToolInvocationError") return readText(error, "message") ?? "";
  return `${error}\n Please fix your mistakes.`;
}
