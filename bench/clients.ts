import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel as guardAiModel } from "@burnrate/ai-sdk";
import { guardModel as guardLangChainModel } from "@burnrate/langchain";
import { HumanMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, type LanguageModel, streamText } from "ai";
import { newGuard } from "./guards.ts";
import { type BeyondEmpty, type Call, measureBeyondEmpty, type Part } from "./measure.ts";

const MODEL = "gpt-5-mini";
const BASE = { id: "1", created: 1, model: MODEL };
const usage = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 };
const text = { role: "assistant", content: "hello" };

const answer = JSON.stringify({
  ...BASE,
  object: "chat.completion",
  choices: [{ index: 0, message: text, finish_reason: "stop" }],
  usage,
});
const parts = [
  { choices: [{ index: 0, delta: text }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage },
].map((part) => JSON.stringify({ ...BASE, object: "chat.completion.chunk", ...part }));
const streamed = [...parts, "[DONE]"].map((data) => `data: ${data}\n\n`).join("");

/** A provider that answers at once, inside this process: what is left is the client's own work. */
const answersAtOnce: typeof fetch = async (_url, init) => {
  const isStream = JSON.parse(String(init?.body)).stream === true;
  const type = isStream ? "text/event-stream" : "application/json";
  return new Response(isStream ? streamed : answer, { headers: { "content-type": type } });
};

/** What a guard hands on with each request, whatever else it does. */
function handedOn(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

const FEW: BeyondEmpty = { target: "", rounds: 12 };

function aiSdk(
  call: string,
  use: (model: LanguageModel, options: () => object) => Call,
): ReturnType<Part> {
  const open = createOpenAICompatible({
    name: "openai",
    baseURL: "http://in-process/v1",
    includeUsage: true,
    fetch: answersAtOnce,
  });
  const model = open(MODEL);
  const given = () => ({ abortSignal: handedOn().signal, maxOutputTokens: 16_384 });
  return measureBeyondEmpty(
    "guardModel",
    `${call}, a client of OpenAI's interface,`,
    {
      bare: use(model, () => ({})),
      empty: use(model, given),
      control: use(model, given),
      guarded: use(guardAiModel(model, newGuard()), () => ({})),
    },
    FEW,
  );
}

function langChain(
  call: string,
  use: (model: ChatOpenAI, options: () => object) => Call,
): ReturnType<Part> {
  const configuration = { baseURL: "http://in-process/v1", fetch: answersAtOnce };
  const open = () => new ChatOpenAI({ model: MODEL, apiKey: "none", configuration });
  const limited = () =>
    new ChatOpenAI({ model: MODEL, apiKey: "none", configuration, maxTokens: 16_384 });
  return measureBeyondEmpty(
    "guardModel",
    `${call} of ChatOpenAI`,
    {
      bare: use(open(), () => ({})),
      empty: use(limited(), handedOn),
      control: use(limited(), handedOn),
      guarded: use(guardLangChainModel(open(), newGuard()), () => ({})),
    },
    FEW,
  );
}

async function readAll(texts: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of texts);
}

const messages = [new HumanMessage("hi")];

/** Clients that people use, each beside the same one with a signal and an output limit. */
export const clientParts: readonly Part[] = [
  () =>
    aiSdk(
      "generateText",
      (model, options) => () => generateText({ model, prompt: "hi", ...options() }),
    ),
  () =>
    aiSdk(
      "streamText read to its end",
      (model, options) => () =>
        readAll(streamText({ model, prompt: "hi", ...options() }).textStream),
    ),
  () => langChain("invoke", (model, options) => () => model.invoke(messages, options())),
  () =>
    langChain(
      "stream read to its end",
      (model, options) => async () => readAll(await model.stream(messages, options())),
    ),
];
