export { CallbackManager } from "@langchain/core/callbacks/manager";
export { RunnableLambda } from "@langchain/core/runnables";
export { createReactAgent } from "@langchain/langgraph/prebuilt";
export { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
export { AIMessage, createAgent, createMiddleware, ToolMessage, tool } from "langchain";
export { z } from "zod";
