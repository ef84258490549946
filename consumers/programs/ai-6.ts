import { strictEqual } from "node:assert/strict";
import { guardMiddleware, guardModel, guardTools } from "@burnrate/ai-sdk";
import { generateText, tool, wrapLanguageModel } from "ai";
import { MockLanguageModelV3 as Mock } from "ai/test";
import { createGuard, findGuardError } from "burnrate";
import { z } from "zod";

const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
const bare = new Mock({
  provider: "openai",
  modelId: "gpt-5-mini",
  doGenerate: async () => ({
    content: [{ type: "text", text: "hello" }],
    finishReason: { unified: "stop", raw: "stop" },
    usage: {
      inputTokens: { total: 9, noCache: 9, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 1, text: 1, reasoning: 0 },
    },
    warnings: [],
  }),
});
const model: Mock = guardModel(bare, guard);
const wrapped = wrapLanguageModel({ model: bare, middleware: guardMiddleware(guard) });
const add = tool({ inputSchema: z.object({ n: z.number() }), execute: async ({ n }) => n + 1 });
const tools: { add: typeof add } = guardTools({ add }, guard);

for (const guarded of [model, wrapped]) {
  const { text } = await generateText({ model: guarded, tools, prompt: "Say hello." });
  strictEqual(text, "hello");
}
await guard.kill("everything", { reason: "the check is over", by: "consumer" });
const refusal = await generateText({ model, prompt: "Once more." }).catch(findGuardError);
strictEqual(refusal && "code" in refusal && refusal.code, "BR1001");
await guard.close();
