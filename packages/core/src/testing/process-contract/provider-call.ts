import type { CallRequest } from "../../call/call-request.ts";
import type { Permit } from "../../call/permit.ts";
import type { RunResult } from "../../guard/guard.ts";
import type { SpendOrder } from "./worker-calls.ts";

const MODEL = "gpt-5-mini";
const MESSAGES = [{ role: "user", content: "hi" }];
/** As the fake provider counts them: four for a message, one for its two letters. */
const INPUT_TOKENS = 5;
const INPUT_NANO = 250;
const OUTPUT_NANO = 2_000;

/** What a call with so much output costs, in nano-dollars. */
export function costOf(outputTokens: number): number {
  return INPUT_TOKENS * INPUT_NANO + outputTokens * OUTPUT_NANO;
}

/** A call as the guard is asked for it: its bounds are exact. */
export function requestOf({ reserved }: SpendOrder): CallRequest {
  const estimate = { inputTokens: INPUT_TOKENS, maxOutputTokens: reserved };
  return { kind: "model", provider: "openai", name: MODEL, estimate };
}

/** Sends one call to the fake provider, over a real connection. */
export async function callProvider(
  url: string,
  { reserved, used, thinksMs = 0 }: SpendOrder,
  { signal }: Permit,
): Promise<RunResult<undefined>> {
  const text = "ok"; // one token
  const behaviour = { kind: "reply", text, reasoningTokens: used - 1, chunkDelayMs: thinksMs };
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-fake-behaviour": JSON.stringify(behaviour) },
    body: JSON.stringify({ model: MODEL, messages: MESSAGES, max_completion_tokens: reserved }),
    signal,
  });
  const { usage } = (await response.json()) as {
    readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
  };
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage;
  return { value: undefined, usage: { inputTokens, outputTokens } };
}
