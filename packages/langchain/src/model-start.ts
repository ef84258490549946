import { isObject, type Loose, read, readText } from "./shape.ts";

/** What LangChain's start event of a model says, besides the model and its input. */
export interface ModelStart {
  readonly parentRunId: unknown;
  /** LangChain's `ls_…` parameters, and what a graph adds. */
  readonly metadata: unknown;
  readonly runName: unknown;
  /** What the provider is asked. */
  readonly params: unknown;
  readonly signal: unknown;
  /** In a node of a graph, also where a stream has left its context. */
  readonly isInGraph: boolean;
}

const NO_FIELDS: Loose = Object.freeze({});

/**
 * Reads the arguments of `handleChatModelStart` from the fourth on: one by one, because it is on the
 * way of each call.
 */
export function readModelStart(rest: readonly unknown[]): ModelStart {
  const extra = rest[1];
  const metadata = rest[3];
  try {
    const { options, invocation_params: params } = isObject(extra) ? extra : NO_FIELDS;
    const signal = isObject(options) ? options["signal"] : undefined;
    const isInGraph = isObject(metadata) && metadata["langgraph_node"] !== undefined;
    return { parentRunId: rest[0], metadata, runName: rest[4], params, signal, isInGraph };
  } catch {
    const params = read(extra, "invocation_params");
    const signal = read(read(extra, "options"), "signal");
    const isInGraph = read(metadata, "langgraph_node") !== undefined;
    return { parentRunId: rest[0], metadata, runName: rest[4], params, signal, isInGraph };
  }
}

/** The model that a serialized one names; its parameters may leave it out. */
export function serializedName(llm: unknown): string | undefined {
  const id = read(llm, "id");
  const last: unknown = Array.isArray(id) ? id.at(-1) : undefined;
  return readText(read(llm, "kwargs"), "model") ?? (typeof last === "string" ? last : undefined);
}
