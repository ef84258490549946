import { isRecord, read } from "../shape.ts";
import { JudgeError } from "./judge-error.ts";
import type { JudgeReply, JudgeRequest } from "./judge-model.ts";
import { verdictProbabilities } from "./log-probabilities.ts";
import { readUsage } from "./read-usage.ts";

interface Invoking {
  invoke(input: unknown, options: unknown): Promise<unknown>;
  withStructuredOutput?(schema: unknown, config: unknown): Invoking;
}

/** `stop` of the providers that LangChain has, for answers that were cut off. */
const CUT: readonly unknown[] = ["length", "max_tokens", "MAX_TOKENS"];
const WITHHELD: readonly unknown[] = ["content_filter", "refusal", "SAFETY"];

/**
 * Asks a LangChain chat model, with `withStructuredOutput` where it has that. Only the raw message
 * is read where there is one: LangChain's own parser would mend a broken answer, and a verdict must
 * not be mended.
 */
export async function askLangChain(model: object, request: JudgeRequest): Promise<JudgeReply> {
  const { system, prompt, schema, signal } = request;
  const messages = [
    { role: "system", content: system },
    { role: "user", content: prompt },
  ];
  const options = { signal, maxRetries: 0 }; // the models of OpenAI's kind take that for one call
  const reply = await structured(model as Invoking, schema).invoke(messages, options);
  const message = read(reply, "raw") ?? reply;
  const metadata = read(message, "response_metadata");
  refuseHalves(message, metadata);
  const usage = readUsage(read(message, "usage_metadata"));
  const tokens = read(read(metadata, "logprobs"), "content");
  const probability = verdictProbabilities(Array.isArray(tokens) ? tokens : undefined, schema);
  return {
    ...(isParsed(message) ? { object: message } : answerOf(message)),
    ...(usage !== undefined && { usage }),
    ...(probability !== undefined && { probability }),
  };
}

/** The id of a chat model, or of the one inside a binding. */
export function langChainModelId(model: object): string | undefined {
  for (const held of [model, read(model, "bound")]) {
    const id = read(held, "model") ?? read(held, "modelName");
    if (typeof id === "string") return id;
  }
  return undefined;
}

function structured(model: Invoking, schema: unknown): Invoking {
  if (typeof model.withStructuredOutput !== "function") return model;
  try {
    return model.withStructuredOutput(schema, { includeRaw: true, name: "verdict" });
  } catch {
    return model; // some have the method and no support for it; the prompt asks for JSON as well
  }
}

function refuseHalves(message: unknown, metadata: unknown): void {
  const stop = read(metadata, "finish_reason") ?? read(metadata, "stop_reason");
  if (CUT.includes(stop)) throw new JudgeError("unreadable", "the judge's answer was cut off");
  const refusal = read(read(message, "additional_kwargs"), "refusal");
  if (WITHHELD.includes(stop) || (typeof refusal === "string" && refusal !== "")) {
    throw new JudgeError("refused", "the judge would not answer");
  }
}

/** Models of LangChain's tests, and some wrappers, answer what they parsed and no message. */
function isParsed(answer: unknown): boolean {
  return isRecord(answer) && !("content" in answer) && "verdict" in answer;
}

/** A forced tool call and the text beside it, or the text. Two calls are two answers. */
function answerOf(message: unknown): JudgeReply {
  const calls = [read(message, "tool_calls"), read(message, "invalid_tool_calls")]
    .filter((list) => Array.isArray(list))
    .flat();
  if (calls.length > 1) throw new JudgeError("unreadable", "the judge answered more than once");
  const text = textOf(read(message, "content"));
  return calls.length === 1 ? { text, object: read(calls[0], "args") } : { text };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const texts = content.map((part: unknown) =>
    read(part, "type") === "text" ? read(part, "text") : undefined,
  );
  return texts.filter((text) => typeof text === "string").join("");
}
