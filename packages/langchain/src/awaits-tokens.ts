import { isObject } from "./shape.ts";

/**
 * Whether a model waits for what callbacks make of a token. LangChain's class for OpenAI's text
 * completions does not: an error would be heard by nobody and end the process.
 */
export function awaitsTokens(llm: unknown): boolean {
  if (!isObject(llm)) return true;
  try {
    const { id } = llm;
    return !(Array.isArray(id) && id[1] === "llms" && id[2] === "openai");
  } catch {
    return true;
  }
}
