import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { startFakeProvider } from "@burnrate/core/testing";
import { generateText } from "ai";
import { createGuard } from "burnrate";

await using provider = await startFakeProvider();
provider.next({ kind: "reply", text: "hello" }); // for one request; else it repeats the question

const guard = createGuard({ budgets: ["$1/day"], store: "memory", killSources: [] });
const openai = createOpenAICompatible({ name: "openai", baseURL: provider.url });
const { text } = await generateText({
  model: guardModel(openai("gpt-5-mini"), guard),
  prompt: "hi",
});

const [day] = await guard.budgets();
console.log(text, day?.settled === provider.billedNanoUsd()); // hello true
await guard.close();
