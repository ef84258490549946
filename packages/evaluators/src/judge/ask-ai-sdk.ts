import { read } from "../shape.ts";
import { JudgeError } from "./judge-error.ts";
import type { JudgeReply, JudgeRequest } from "./judge-model.ts";
import { type TokenProbabilities, verdictProbabilities } from "./log-probabilities.ts";
import { readUsage } from "./read-usage.ts";

interface Generating {
  doGenerate(options: unknown): PromiseLike<unknown>;
}

/**
 * Asks an AI SDK model through its own `doGenerate`: there the SDK retries nothing, and whatever
 * the model is wrapped with sees the call.
 */
export async function askAiSdk(model: object, request: JudgeRequest): Promise<JudgeReply> {
  const { system, prompt, schema, signal } = request;
  const result = await (model as Generating).doGenerate({
    prompt: [
      { role: "system", content: system },
      { role: "user", content: [{ type: "text", text: prompt }] },
    ],
    responseFormat: { type: "json", schema, name: "verdict" },
    abortSignal: signal,
  });
  const finish = read(result, "finishReason");
  const reason = read(finish, "unified") ?? finish; // v2 has the word itself
  if (reason === "content-filter") throw new JudgeError("refused", "the judge would not answer");
  if (reason === "length") throw new JudgeError("unreadable", "the judge's answer was cut off");
  const text = textOf(read(result, "content"));
  const usage = readUsage(read(result, "usage"));
  const probability = verdictProbabilities(tokensOf(result), schema);
  return {
    text,
    ...(usage !== undefined && { usage }),
    ...(probability !== undefined && { probability }),
  };
}

/** The text parts; reasoning is thought, not said. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (read(part, "type") === "text" ? read(part, "text") : undefined))
    .filter((text) => typeof text === "string")
    .join("");
}

/**
 * Providers keep log-probabilities under their own name: `providerMetadata.openai.logprobs`, there
 * a list for each part of the answer when it comes from the Responses API.
 */
function tokensOf(result: unknown): TokenProbabilities {
  const metadata = read(result, "providerMetadata");
  if (typeof metadata !== "object" || metadata === null) return undefined;
  for (const provider of Object.keys(metadata)) {
    const found = read(read(metadata, provider), "logprobs");
    if (Array.isArray(found)) return found.flat();
  }
  return undefined;
}
