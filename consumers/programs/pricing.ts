import { strictEqual } from "node:assert/strict";
import { createGuard } from "@burnrate/core";
import { createPriceBook, priceUsage } from "@burnrate/pricing";

const guard = createGuard({ budgets: ["$1/day"], prices: createPriceBook() });
const priced = priceUsage("openai", "gpt-5-mini", { inputTokens: 1_000, outputTokens: 100 });
strictEqual(priced.kind, "priced");
await guard.close();
