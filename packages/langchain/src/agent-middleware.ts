import type { ToolMessage } from "@langchain/core/messages";
import type { ModelCallRequest } from "./agent-model.ts";
import type { ToolCallRequest } from "./agent-tool.ts";

/**
 * A LangChain agent middleware, for `createAgent({ middleware: [] })`. Its shape is written out, so
 * that these types compile where `langchain` is not installed.
 */
export interface GuardMiddleware {
  readonly name: string;
  /** LangChain infers an agent's types from this: the guard adds no state, context or tools. */
  readonly "~middlewareTypes"?: {
    Schema: undefined;
    ContextSchema: undefined;
    FullContext: unknown;
    Tools: readonly [];
    StreamTransformers: readonly [];
  };
  beforeModel(state: unknown, runtime: unknown): Promise<undefined>;
  wrapModelCall<R extends ModelCallRequest, T>(
    request: R,
    handler: (request: R) => Promise<T> | T,
  ): Promise<T>;
  wrapToolCall<R extends ToolCallRequest, T>(
    request: R,
    handler: (request: R) => Promise<T> | T,
  ): Promise<T | ToolMessage>;
  afterAgent(state: unknown, runtime: unknown): Promise<undefined>;
}
