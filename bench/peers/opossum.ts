import CircuitBreaker from "opossum";
import type { Limited, Peer, Setup } from "./peer.ts";
import { type FakeCall, readAll } from "./provider.ts";

const NO_BUDGET = "knows no budget, only failures and calls at once";
/** The options of its README. */
const OPTIONS = { timeout: 3_000, errorThresholdPercentage: 50, resetTimeout: 30_000 };

/** One breaker for the provider's calls, another one for its streams. */
function limit({ provider }: Setup): Limited {
  const calls = new CircuitBreaker((call: FakeCall) => provider.complete(call), OPTIONS);
  const streams = new CircuitBreaker(
    (call: FakeCall, signal: AbortSignal) => readAll(provider.stream(call, signal)),
    OPTIONS,
  );
  return {
    async call(call) {
      await calls.fire(call);
      return true;
    },
    async stream(call, signal) {
      await streams.fire(call, signal);
    },
    async afterAbort() {
      const { failures } = streams.stats;
      return { counts: "other", says: `${failures} failure for the breaker` };
    },
    async close() {
      calls.shutdown();
      streams.shutdown();
    },
  };
}

export const opossum: Peer = {
  name: "opossum",
  package: "opossum",
  lacks: { over: NO_BUDGET, beside: NO_BUDGET },
  limit,
};
