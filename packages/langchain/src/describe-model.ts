import { read, readText } from "./shape.ts";

const NOT_DESCRIBED = {};
const described = new WeakMap<object, unknown>();

/** Provider and name are the model's for good; only its parameters change from call to call. */
export function describeModel(model: object): unknown {
  const known = described.get(model);
  if (known !== undefined) return known;
  const getLsParams = read(model, "getLsParams");
  let answer: unknown;
  try {
    answer = typeof getLsParams === "function" ? getLsParams.call(model, {}) : undefined;
  } catch {
    answer = undefined;
  }
  described.set(model, answer ?? NOT_DESCRIBED);
  return answer;
}

/**
 * Whose a model is, by LangChain's `ls_…` parameters. `ChatDeepSeek` has those of `ChatOpenAI`, which
 * it is built on: only its namespace is its own.
 */
export function providerOf(described: unknown, namespace: () => unknown): string | undefined {
  const said = readText(described, "ls_provider");
  if (said !== "openai") return said;
  const path = namespace();
  return Array.isArray(path) && path[2] === "deepseek" ? "deepseek" : said;
}

/** What a model or its class is called, for models that do not send their name. */
export function ownName(model: object): string | undefined {
  return readText(model, "model") ?? readText(model, "modelName") ?? className(model);
}

/** The class of something. */
export function className(value: object): string | undefined {
  return readText(value.constructor, "name");
}
