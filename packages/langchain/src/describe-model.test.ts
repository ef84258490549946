import { ChatOpenAI } from "@langchain/openai";
import { expect, test } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { guardModel } from "./guard-model.ts";
import { quiet, watchedGuard } from "./test-fixture.ts";

quiet();

/** As LangChain's: built on OpenAI's, whose parameters it says are its own. */
class ChatDeepSeek extends ChatOpenAI {
  override lc_namespace = ["langchain", "chat_models", "deepseek"];
  static override lc_name(): string {
    return "ChatDeepSeek";
  }
}

const answer = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "deepseek-chat",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 },
};

function modelOf(Class: typeof ChatOpenAI): ChatOpenAI {
  const fetch = async () => Response.json(answer);
  return new Class({ model: "deepseek-chat", apiKey: "k", configuration: { fetch } });
}

test.each([
  ["deepseek", ChatDeepSeek],
  ["openai", ChatOpenAI],
  ["openai", class ChatMine extends ChatOpenAI {}],
])("a model is %s's, whatever its class is built on", async (provider, Class) => {
  const { guard, records } = watchedGuard({ onUnknownPrice: "tokens-only", budgets: [] });
  await guardModel(modelOf(Class), guard).invoke("hi");
  await modelOf(Class).invoke("hi", { callbacks: [guardCallback(guard)] });
  expect(records).toMatchObject([{ provider }, { provider }]);
});
