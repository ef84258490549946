import { createGuard, createPriceBook } from "burnrate";

const guard = createGuard({
  budgets: ["$5/day"],
  prices: createPriceBook({
    overrides: { "openai/my-model": { inputPerMillionUsd: 0.25, outputPerMillionUsd: 2 } },
  }),
});

await guard.close();
