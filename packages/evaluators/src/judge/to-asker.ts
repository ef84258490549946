import { checkString, optionError } from "@burnrate/core/adapter";
import { isRecord, read } from "../shape.ts";
import { askAiSdk } from "./ask-ai-sdk.ts";
import { askLangChain, langChainModelId } from "./ask-langchain.ts";
import type { Asker, JudgeFunction, JudgeReply } from "./judge-model.ts";

const SPECIFICATIONS: readonly unknown[] = ["v2", "v3", "v4"];
const EXPECTED =
  "a language model object of the AI SDK (specification v2 to v4), a LangChain chat model, or a function";

/**
 * Recognises a judge by what it can do, so that two copies of a framework, or none, do not matter.
 * @throws {ConfigError} `BR9001`
 */
export function toAsker(path: string, model: unknown, modelId: string | undefined): Asker {
  const named = modelId === undefined ? undefined : checkString(`${path}Id`, modelId);
  if (typeof model === "function") {
    const ask = model as JudgeFunction;
    return { modelId: named, ask: async (request) => readReply(await ask(request)) };
  }
  if (typeof read(model, "doGenerate") === "function") {
    if (!SPECIFICATIONS.includes(read(model, "specificationVersion"))) {
      throw optionError(path, model, EXPECTED);
    }
    const id = read(model, "modelId");
    return {
      modelId: named ?? (typeof id === "string" ? id : undefined),
      ask: (request) => askAiSdk(model as object, request),
    };
  }
  if (typeof read(model, "invoke") === "function") {
    const chat = model as object;
    return {
      modelId: named ?? langChainModelId(chat),
      ask: (request) => askLangChain(chat, request),
    };
  }
  throw optionError(path, model, EXPECTED);
}

/** A text alone is an answer; what is no reply is an empty one, which is unreadable. */
function readReply(reply: unknown): JudgeReply {
  if (typeof reply === "string") return { text: reply };
  return isRecord(reply) ? reply : {};
}
