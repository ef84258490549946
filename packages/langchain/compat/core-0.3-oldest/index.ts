export { CallbackManager } from "@langchain/core/callbacks/manager";
export { RunnableLambda } from "@langchain/core/runnables";
export { tool } from "@langchain/core/tools";
export { createReactAgent } from "@langchain/langgraph/prebuilt";
export { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
export { z } from "zod";
