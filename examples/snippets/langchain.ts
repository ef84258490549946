import { guardCallback, guardMiddleware } from "@burnrate/langchain";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent } from "langchain";
import { guard } from "./guard.ts";

export const agent = createAgent({
  model: new ChatOpenAI({ model: "gpt-5-mini" }),
  tools: [],
  middleware: [guardMiddleware(guard)],
});

export const chain = new ChatOpenAI({ model: "gpt-5-mini" })
  .pipe((answer) => answer.text)
  .withConfig({ callbacks: [guardCallback(guard)] });
