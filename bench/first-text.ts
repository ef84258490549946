import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel as guardAiModel } from "@burnrate/ai-sdk";
import { guardModel as guardLangChainModel } from "@burnrate/langchain";
import { ChatOpenAI } from "@langchain/openai";
import {
  type LanguageModel,
  type LanguageModelMiddleware,
  streamText,
  wrapLanguageModel,
} from "ai";
import CircuitBreaker from "opossum";
import { newGuard } from "./guards.ts";
import { type Measured, measure, type Part, quick } from "./measure.ts";
import { type Ask, measureFirstText, withProvider } from "./measure-first-text.ts";

const MODEL = "gpt-5-mini";
const TARGET = "≈ control";

function streams(model: LanguageModel): Ask {
  return async () => streamText({ model, prompt: "hi" }).textStream;
}

function aiSdk(baseURL: string): Promise<Measured[]> {
  const open = createOpenAICompatible({ name: "openai", baseURL, includeUsage: true });
  const model = open(MODEL);
  return measureFirstText(
    "guardModel of the AI SDK",
    "streamText over HTTP",
    {
      bare: streams(model),
      control: streams(open(MODEL)),
      guarded: streams(guardAiModel(model, newGuard())),
    },
    TARGET,
  );
}

function langChain(baseURL: string): Promise<Measured[]> {
  const open = (): ChatOpenAI =>
    new ChatOpenAI({ model: MODEL, apiKey: "none", configuration: { baseURL }, maxRetries: 0 });
  const asks =
    (model: ChatOpenAI): Ask =>
    () =>
      model.stream("hi");
  return measureFirstText(
    "guardModel of LangChain",
    "stream over HTTP",
    {
      bare: asks(open()),
      control: asks(open()),
      guarded: asks(guardLangChainModel(open(), newGuard())),
    },
    TARGET,
  );
}

/** Another guard in the same place, for what any code costs there. */
function opossum(baseURL: string): Promise<Measured[]> {
  const open = createOpenAICompatible({ name: "openai", baseURL, includeUsage: true });
  const breaker = new CircuitBreaker(async (send: () => PromiseLike<unknown>) => await send());
  const middleware: LanguageModelMiddleware = {
    specificationVersion: "v4",
    wrapStream: ({ doStream }) => breaker.fire(doStream) as ReturnType<typeof doStream>,
  };
  const model = open(MODEL);
  return measureFirstText("opossum's circuit breaker", "streamText over HTTP, once more,", {
    bare: streams(model),
    control: streams(open(MODEL)),
    guarded: streams(wrapLanguageModel({ model, middleware })),
  });
}

/** The same breaker in a loop, where all code is warm. */
async function opossumInLoop(): Promise<Measured[]> {
  const calls = quick ? 2_000 : 20_000;
  const answer = async (): Promise<number> => 1;
  const breaker = new CircuitBreaker(answer);
  const us = async (call: () => Promise<unknown>): Promise<number> => {
    const startedMs = performance.now();
    for (let done = 0; done < calls; done++) await call();
    return ((performance.now() - startedMs) * 1_000) / calls;
  };
  const run = async (): Promise<number> => (await us(() => breaker.fire())) - (await us(answer));
  const row = await measure("  the same in a loop, beyond what it runs", "us/call", run);
  breaker.shutdown();
  return [row];
}

/** What a user waits for: the first text of a stream, with a provider at the other end. */
export const firstTextParts: readonly Part[] = [
  () => withProvider(aiSdk),
  () => withProvider(langChain),
  () => withProvider(opossum),
  opossumInLoop,
];
