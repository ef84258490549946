import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleAll, wrap } from "cockatiel";
import type { Limited, Peer, Setup } from "./peer.ts";
import { readAll } from "./provider.ts";

const NO_BUDGET = "knows no budget, only calls at once";
const AT_ONCE = 12;

/** A circuit breaker and a bulkhead around each call, with the figures of its README. */
function limit({ provider }: Setup): Limited {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new ConsecutiveBreaker(5),
  });
  let failures = 0;
  breaker.onFailure(() => {
    failures += 1;
  });
  const places = bulkhead(AT_ONCE);
  const policy = wrap(breaker, places);
  return {
    async call(call) {
      await policy.execute(() => provider.complete(call));
      return true;
    },
    async stream(call, signal) {
      await policy.execute(() => readAll(provider.stream(call, signal)), signal);
    },
    async afterAbort() {
      const place = places.executionSlots === AT_ONCE ? "its place is free" : "its place is lost";
      return { counts: "other", says: `${place}, ${failures} failure for the breaker` };
    },
  };
}

export const cockatiel: Peer = {
  name: "cockatiel, breaker and bulkhead",
  package: "cockatiel",
  lacks: { over: NO_BUDGET, beside: NO_BUDGET },
  limit,
};
