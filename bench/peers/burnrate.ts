import { createGuard, findGuardError } from "burnrate";
import type { Limited, Peer, Setup } from "./peer.ts";
import { MODEL, readAll, tokensOfChunk } from "./provider.ts";

const NANO = 1e-9;

/** One budget in memory; calls wait for money that is only held. */
function limit({ provider, limitUsd }: Setup): Limited {
  const guard = createGuard({
    budgets: [`$${limitUsd}/month`],
    onHeld: "wait",
    store: "memory",
  });
  const requestFor = (bound: number) => {
    const estimate = { inputTokens: 0, maxOutputTokens: bound };
    return { kind: "model", provider: "openai", name: MODEL, estimate } as const;
  };
  return {
    async call(call) {
      try {
        await guard.run(requestFor(call.bound), async () => {
          const { usage } = await provider.complete(call);
          const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = usage;
          return { value: undefined, usage: { inputTokens, outputTokens } };
        });
        return true;
      } catch (error) {
        if (findGuardError(error) !== undefined) return false;
        throw error;
      }
    },
    async stream(call, signal) {
      await guard.run({ ...requestFor(call.bound), signal }, async (permit) => {
        let outputTokens = 0;
        const { usage } = await readAll(provider.stream(call, permit.signal), () => {
          outputTokens += tokensOfChunk(call);
          permit.progress({ outputTokens });
        });
        return { value: usage, usage: { inputTokens: 0, outputTokens: usage.completion_tokens } };
      });
    },
    async afterAbort() {
      const [budget] = await guard.budgets();
      if (budget === undefined) throw new Error("the budget is gone");
      const { settled, unknown, held } = budget;
      return { counts: "money", chargedUsd: (settled + unknown) * NANO, heldUsd: held * NANO };
    },
    close: () => guard.close(),
  };
}

export const burnrate: Peer = {
  name: "burnrate",
  package: "burnrate",
  lacks: {},
  target: "0",
  limit,
};
