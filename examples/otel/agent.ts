import { createGuard, type Exporter, type Guard } from "@burnrate/core";
import { createPriceBook } from "@burnrate/pricing";

/** A guard with prices, so that dollars are counted, and whatever exporters are wanted. */
export function guardWith(exporters: readonly Exporter[]): Guard {
  return createGuard({ prices: createPriceBook(), store: "memory", exporters });
}

/**
 * One task of an agent that answers from documents: a search, then a model. No provider is called.
 */
export async function answer(guard: Guard, question: string): Promise<string> {
  return guard.task({ name: "answer", agent: "support" }, async () => {
    const search = { kind: "tool", provider: "docs", name: "search", input: question } as const;
    const found = await guard.run(search, () => ({ value: `3 pages on ${question}` }));
    const ask = { kind: "model", provider: "openai", name: "gpt-5-mini", input: found } as const;
    return guard.run(ask, (permit) => {
      permit.progress({ outputTokens: 1 });
      const usage = { inputTokens: 800, outputTokens: 120, cacheReadTokens: 300 };
      return { value: `In short: ${found}.`, usage };
    });
  });
}
