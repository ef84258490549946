import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Limited, Peer, Setup } from "./peer.ts";
import { readAll, TOKEN_USD } from "./provider.ts";

const TEAM = "team";

/** Points are tokens: `consume` the most that a call may use, `reward` what it did not. */
function limit({ provider, limitUsd }: Setup): Limited {
  const limiter = new RateLimiterMemory({
    points: Math.round(limitUsd / TOKEN_USD),
    duration: 86_400, // in memory it counts with a timer, which a month is too long for
  });
  const consume = async (points: number): Promise<boolean> => {
    try {
      await limiter.consume(TEAM, points);
      return true;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return false;
      throw refusal;
    }
  };
  return {
    async call(call) {
      if (!(await consume(call.bound))) return false;
      const { usage } = await provider.complete(call);
      await limiter.reward(TEAM, call.bound - usage.completion_tokens);
      return true;
    },
    async stream(call, signal) {
      if (!(await consume(call.bound))) throw new Error("nothing was spent yet");
      const { usage } = await readAll(provider.stream(call, signal));
      await limiter.reward(TEAM, call.bound - usage.completion_tokens);
    },
    async afterAbort() {
      const points = (await limiter.get(TEAM))?.consumedPoints ?? 0;
      return { counts: "money", chargedUsd: points * TOKEN_USD, heldUsd: 0 };
    },
  };
}

export const rateLimiterFlexible: Peer = {
  name: "rate-limiter-flexible, `consume` and `reward`",
  package: "rate-limiter-flexible",
  lacks: {},
  limit,
};
