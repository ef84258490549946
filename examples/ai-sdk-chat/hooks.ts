import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  guardEmbeddingMiddleware,
  guardModel,
  guardProvider,
  guardTelemetry,
} from "@burnrate/ai-sdk";
import { gateway, registerTelemetry, wrapEmbeddingModel } from "ai";
import { createGuard } from "burnrate";

const openai = createOpenAICompatible({ name: "openai", baseURL: "https://api.openai.com/v1" });

const guard = createGuard({
  budgets: [
    {
      id: "day",
      limit: { usd: 20 },
      window: "day",
      at: [{ fraction: 0.8, do: { downgrade: "cheap" } }],
    },
  ],
});

export const model = guardModel(openai("gpt-5"), guard, {
  models: { cheap: openai("gpt-5-mini") },
});

export const embeddings = wrapEmbeddingModel({
  model: openai.embeddingModel("text-embedding-3-small"),
  middleware: guardEmbeddingMiddleware(guard),
});

/** Guards `model: "openai/gpt-5"`. */
export function guardModelIds(): void {
  globalThis.AI_SDK_DEFAULT_PROVIDER = guardProvider(gateway, guard);
}

/** Guards `generateText`, `streamText` and agents of the process (ai 7). */
export function guardEverything(): void {
  registerTelemetry(guardTelemetry(guard, { costs: { search: 0.01 } }));
}
