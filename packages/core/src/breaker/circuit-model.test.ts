import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutcomeClass } from "../call/outcome.ts";
import type { GateHold } from "../ports/gate.ts";
import { type FakeEnd, MINUTE, SECOND, setUpBreaker, type TestBreaker } from "./test-fixture.ts";

/** What may happen next; hung calls stay with the breaker for ever. */
interface Step {
  readonly do: "begin" | "end" | "give-back" | "wait" | "pause" | "open" | "close";
  readonly which?: number;
  readonly ms?: number;
  readonly outcome?: OutcomeClass;
}

const outcome = fc.constantFrom<OutcomeClass>(
  "success",
  "server-error",
  "timeout",
  "aborted",
  "client-error",
  "unknown",
);
const which = fc.nat(50);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("begin" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("end" as const), which, outcome }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("give-back" as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(2 * MINUTE) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("pause" as const, "open" as const, "close" as const),
      which,
      ms: fc.nat(MINUTE),
    }),
  },
);

const BY = { reason: "r", by: "b" };

/** A breaker of one circuit, and the calls that it admitted. */
class World {
  readonly test: TestBreaker;
  readonly probes: number;
  running: GateHold[] = [];
  /** Probes that hold a slot: hung ones for 30 seconds. */
  out: GateHold[] = [];
  sinceMs = 0;
  rounds = 0;

  constructor(probes: number) {
    this.test = setUpBreaker({ probes, slowCallMs: 5_000 });
    this.probes = probes;
  }

  get state(): string | undefined {
    return this.test.breaker.circuits()[0]?.state;
  }

  begin(): void {
    const wasProbed = this.state === "half-open";
    const hold = this.test.begin();
    if ("code" in hold) return;
    this.running.push(hold);
    if (this.state !== "half-open") return;
    if (!wasProbed) this.rounds++;
    const nowMs = this.test.clock.monotonicMs();
    if (!wasProbed || (this.out.length >= this.probes && nowMs - this.sinceMs >= 30 * SECOND)) {
      this.out = [];
      this.sinceMs = nowMs;
    }
    this.out.push(hold);
    expect(this.out.length).toBeLessThanOrEqual(this.probes);
  }

  end(which: number, outcome: OutcomeClass | undefined, how?: FakeEnd): void {
    const [hold] = this.running.splice(which % Math.max(1, this.running.length), 1);
    if (hold === undefined) return;
    this.out = this.out.filter((probe) => probe !== hold);
    if (outcome === undefined) hold.release(undefined);
    else this.test.end(hold, outcome, how);
  }

  run({ do: what, which = 0, ms = 0, outcome: ending = "success" }: Step): void {
    const { breaker, clock } = this.test;
    if (what === "begin") this.begin();
    else if (what === "end") this.end(which, ending);
    else if (what === "give-back") this.end(which, undefined);
    else if (what === "wait") clock.advance(ms);
    else if (what === "pause") this.end(which, "rate-limited", { retryAfterMs: ms });
    else if (what === "open") breaker.forceOpen("*", { ...BY, ttlMs: ms + 1 });
    else breaker.forceClose("*", { ...BY, ttlMs: ms + 1 });
    for (const { calls, failures, slow } of breaker.circuits()) {
      const parts = [failures, slow, calls - failures, calls - slow];
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
    }
  }

  /** How many of 200 calls pass once nothing fails any more. */
  recover(): number {
    const { call, clock } = this.test;
    let admitted = 0;
    for (let count = 0; count < 200; count++) {
      if (call("success") === undefined) admitted++;
      clock.advance(10 * SECOND);
    }
    return admitted;
  }
}

describe("any sequence of calls, ends, waits and orders", () => {
  it("never lets more than its probes out in one round, and always recovers", () => {
    let rounds = 0;
    const sequence = fc.array(step, { maxLength: 200, size: "max" });
    fc.assert(
      fc.property(sequence, fc.integer({ min: 1, max: 4 }), (steps, probes) => {
        const world = new World(probes);
        for (const taken of steps) world.run(taken);
        rounds += world.rounds;
        expect(world.recover()).toBeGreaterThan(130);
        expect(world.state).toBe("closed");
      }),
      { numRuns: 300 },
    );
    expect(rounds).toBeGreaterThan(30);
  });
});
