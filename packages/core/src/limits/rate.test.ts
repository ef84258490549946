import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLimits, type GateHold } from "../index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { call } from "./test-fixture.ts";

/** A bucket of tokens that refills evenly: what the rate of one key must come to. */
class TokenBucket {
  readonly #burst: number;
  readonly #intervalMs: number;
  #tokens: number;
  #atMs = 0;

  constructor(burst: number, intervalMs: number) {
    this.#burst = burst;
    this.#intervalMs = intervalMs;
    this.#tokens = burst;
  }

  /** Whether a call fits; "either" where rounding decides. */
  fits(nowMs: number): boolean | "either" {
    const refilled = (nowMs - this.#atMs) / this.#intervalMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + refilled);
    this.#atMs = nowMs;
    return Math.abs(this.#tokens - 1) < 1e-4 ? "either" : this.#tokens > 1;
  }

  take(): void {
    this.#tokens--;
  }
}

describe("a rate", () => {
  const step = fc.record({
    advanceMs: fc.integer({ min: 0, max: 3_000 }),
    user: fc.constantFrom("a", "b"),
    refusedLater: fc.boolean(),
  });
  const rate = fc.record({
    calls: fc.integer({ min: 1, max: 100 }),
    burst: fc.integer({ min: 1, max: 5 }),
  });

  it("lets through what burst and elapsed time allow, no more and no less", () => {
    fc.assert(
      fc.property(rate, fc.array(step, { maxLength: 200 }), ({ calls, burst }, steps) => {
        const limits = createLimits([{ rate: { calls, per: "minute", burst }, per: "user" }]);
        const clock = createFakeClock();
        limits.attach({ clock, emit: () => {}, on: () => () => {}, warn: () => {} });
        const bucket = (): TokenBucket => new TokenBucket(burst, 60_000 / calls);
        const buckets = { a: bucket(), b: bucket() };
        for (const [id, { advanceMs, user, refusedLater }] of steps.entries()) {
          clock.advance(advanceMs);
          const fits = buckets[user].fits(clock.monotonicMs());
          const taken = limits.acquire(call(id, user));
          expect([taken !== undefined && "release" in taken, "either"]).toContain(fits);
          if (taken === undefined || "code" in taken) continue;
          end(taken, refusedLater, buckets[user]);
        }
      }),
    );
  });
});

/** A call that a later step refuses gives its place back. */
function end(taken: GateHold, refusedLater: boolean, bucket: TokenBucket): void {
  taken.release(refusedLater ? undefined : ({} as never));
  if (!refusedLater) bucket.take();
}
