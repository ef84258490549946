import { Budget, BudgetExceededError, MemoryStore } from "llm-budget";
import type { Limited, Peer, Setup } from "./peer.ts";
import { MODEL, PRICE, readAll } from "./provider.ts";

const TEAM = "team";

/** `guard()` around the call; with `reserve`, the most that it may cost is charged before. */
function limit({ provider, limitUsd }: Setup, reserves: boolean): Limited {
  const budget = new Budget({
    store: new MemoryStore(),
    limits: { usd: limitUsd, window: "month" },
    prices: { [MODEL]: PRICE },
  });
  const reserve = (bound: number) =>
    reserves ? { reserve: { model: MODEL, inputTokens: 0, outputTokens: bound } } : {};
  return {
    async call(call) {
      try {
        await budget.guard(TEAM, () => provider.complete(call), reserve(call.bound));
        return true;
      } catch (error) {
        if (error instanceof BudgetExceededError) return false;
        throw error;
      }
    },
    async stream(call, signal) {
      if (reserves) {
        await budget.guard(TEAM, () => readAll(provider.stream(call, signal)), reserve(call.bound));
      } else {
        await budget.check(TEAM, call.bound);
        await readAll(budget.meter(TEAM, provider.stream(call, signal)));
      }
    },
    async afterAbort() {
      const { usd } = await budget.summary(TEAM);
      return { counts: "money", chargedUsd: usd.used, heldUsd: 0 };
    },
  };
}

export const llmBudget: Peer = {
  name: "llm-budget, `guard`",
  package: "llm-budget",
  lacks: {},
  limit: (setup) => limit(setup, false),
};

export const llmBudgetReserve: Peer = {
  name: "llm-budget, `guard` with `reserve`",
  package: "llm-budget",
  lacks: {},
  limit: (setup) => limit(setup, true),
};
