import { CallbackManager } from "@langchain/core/callbacks/manager";
import { RunnableLambda } from "@langchain/core/runnables";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { AIMessage, createAgent, createMiddleware, ToolMessage, tool } from "langchain";
import { z } from "zod";

/** What the adapter contract needs of a version of LangChain; `agents` came with version 1. */
export interface LangChainCopy {
  readonly CallbackManager: typeof CallbackManager;
  readonly RunnableLambda: typeof RunnableLambda;
  readonly createReactAgent: typeof createReactAgent;
  readonly ChatOpenAI: typeof ChatOpenAI;
  readonly OpenAIEmbeddings: typeof OpenAIEmbeddings;
  readonly tool: typeof tool;
  readonly z: typeof z;
  readonly AIMessage?: typeof AIMessage;
  readonly createAgent?: typeof createAgent;
  readonly createMiddleware?: typeof createMiddleware;
  readonly ToolMessage?: typeof ToolMessage;
}

/** The version that everything else is tested with. */
export const INSTALLED: LangChainCopy = {
  AIMessage,
  CallbackManager,
  ChatOpenAI,
  createAgent,
  createMiddleware,
  createReactAgent,
  OpenAIEmbeddings,
  RunnableLambda,
  ToolMessage,
  tool,
  z,
};
