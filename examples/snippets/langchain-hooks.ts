import {
  guardCallback,
  guardEmbeddings,
  guardEverywhere,
  guardMiddleware,
  guardModel,
  guardTool,
} from "@burnrate/langchain";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { findGuardError } from "burnrate";
import { createAgent, tool } from "langchain";
import { guard } from "./guard.ts";

const gpt5 = new ChatOpenAI({ model: "gpt-5" });
const gpt5nano = new ChatOpenAI({ model: "gpt-5-nano" });
const search = tool(async () => "nothing found", { name: "search", description: "Searches" });

export const agent = createAgent({
  model: gpt5,
  tools: [search],
  middleware: [guardMiddleware(guard, { models: { cheap: gpt5nano } })],
});

try {
  await agent.invoke({ messages: [{ role: "user", content: "hello" }] });
} catch (error) {
  const refusal = findGuardError(error); // whatever LangChain wrapped around it
  if (refusal === undefined) throw error;
  console.warn(refusal.code, refusal.message);
}

export const model = guardModel(gpt5, guard, { models: { cheap: gpt5nano } });

export const embeddings = guardEmbeddings(new OpenAIEmbeddings(), guard);

export const guardedSearch = guardTool(search, guard, { toolBlock: "message" });

await gpt5.invoke("hello", { callbacks: [guardCallback(guard)] });

const undo = guardEverywhere(guard);
await gpt5.invoke("hello"); // guarded, though nobody said so here
undo();
