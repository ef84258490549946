import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { createGuard } from "burnrate";

const openai = createOpenAICompatible({
  name: "openai",
  baseURL: "https://api.openai.com/v1",
  includeUsage: true,
});

const guard = createGuard({
  budgets: [
    {
      id: "day",
      limit: { usd: 20 },
      window: "day",
      at: [
        { fraction: 0.5, do: "alert" },
        { fraction: 0.7, do: { downgrade: "cheap" } },
        { fraction: 0.85, do: "throttle", maxDelayMs: 10_000 },
      ],
    },
  ],
});

export const model = guardModel(openai("gpt-5"), guard, {
  models: { cheap: openai("gpt-5-nano") },
});

guard.on("model-substituted", ({ from, to, because }) => console.warn(from, to, because));
