import { redisStore } from "@burnrate/store-redis";
import { createGuard, findGuardError } from "burnrate";
import { Budget, BudgetExceededError, RedisStore } from "llm-budget";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { createClient } from "redis";
import { type FakeCall, MODEL, PRICE, TOKEN_USD } from "./peers/provider.ts";

/** One way to keep calls of many processes within a limit on Redis. */
export interface Peer {
  /** Whether the call was let through; it has been made and accounted for then. */
  call(call: FakeCall): Promise<boolean>;
  close(): Promise<void>;
}

/** What all are told: where Redis is, a name for this trial's data, and a limit. */
export interface PeerSetup {
  readonly url: string;
  readonly name: string;
  readonly limitUsd: number;
}

export const PEERS = {
  "llm-budget, guard": (setup: PeerSetup) => llmBudget(setup, false),
  "llm-budget, guard with reserve": (setup: PeerSetup) => llmBudget(setup, true),
  "rate-limiter-flexible": rateLimiterFlexible,
  burnrate,
} as const;

export type PeerName = keyof typeof PEERS;

async function think({ thinksMs }: FakeCall): Promise<void> {
  if (thinksMs > 0) await new Promise((resolve) => setTimeout(resolve, thinksMs));
}

/** Thousands of commands wait for each other; how long is not what is looked at. */
const PATIENCE_MS = 60_000;

async function connect(url: string) {
  const client = createClient({ url, commandOptions: { timeout: PATIENCE_MS } });
  await client.connect();
  return client;
}

/** As its README shows it: a guard around the call, which checks before and records after. */
async function llmBudget(setup: PeerSetup, reserves: boolean): Promise<Peer> {
  const client = await connect(setup.url);
  const budget = new Budget({
    store: new RedisStore(client),
    limits: { usd: setup.limitUsd, window: "month" },
    prices: { [MODEL]: PRICE },
    prefix: setup.name,
  });
  return {
    async call(call) {
      const work = async () => {
        await think(call);
        return { model: MODEL, usage: { prompt_tokens: 0, completion_tokens: call.used } };
      };
      const reserve = { model: MODEL, inputTokens: 0, outputTokens: call.bound };
      try {
        await budget.guard("team", work, reserves ? { reserve } : {});
        return true;
      } catch (error) {
        if (error instanceof BudgetExceededError) return false;
        throw error;
      }
    },
    close: async () => client.destroy(),
  };
}

/**
 * Points are tokens: those that a call may use are consumed first, what it did not is given back.
 */
async function rateLimiterFlexible(setup: PeerSetup): Promise<Peer> {
  const client = await connect(setup.url);
  const limiter = new RateLimiterRedis({
    storeClient: client,
    useRedisPackage: true,
    keyPrefix: setup.name,
    points: Math.round(setup.limitUsd / TOKEN_USD),
    duration: 30 * 86_400,
  });
  return {
    async call(call) {
      try {
        await limiter.consume("team", call.bound);
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return false;
        throw refusal;
      }
      await think(call);
      if (call.bound > call.used) await limiter.reward("team", call.bound - call.used);
      return true;
    },
    close: async () => client.destroy(),
  };
}

/** Waits for money that is only held, as a fleet near its limit would. */
async function burnrate(setup: PeerSetup): Promise<Peer> {
  const client = await connect(setup.url);
  const guard = createGuard({
    budgets: [`$${setup.limitUsd}/month`],
    onHeld: "wait",
    store: redisStore({ client, namespace: setup.name, timeoutMs: PATIENCE_MS }),
  });
  return {
    async call(call) {
      const estimate = { inputTokens: 0, maxOutputTokens: call.bound };
      try {
        await guard.run({ kind: "model", provider: "openai", name: MODEL, estimate }, async () => {
          await think(call);
          return { value: undefined, usage: { inputTokens: 0, outputTokens: call.used } };
        });
        return true;
      } catch (error) {
        if (findGuardError(error) !== undefined) return false; // also when the store did not answer
        throw error;
      }
    },
    close: async () => {
      await guard.close();
      client.destroy();
    },
  };
}
