import { describe, expect, it } from "vitest";
import type { GateHold } from "../ports/gate.ts";
import { MINUTE, SECOND, setUpBreaker, type TestBreaker, toolCall } from "./test-fixture.ts";

function opened(options: Parameters<typeof setUpBreaker>[0] = {}): TestBreaker {
  const test = setUpBreaker(options);
  for (let count = 0; count < 5; count++) test.call("server-error");
  expect(test.breaker.circuits()[0]?.state).toBe("open");
  return test;
}

const admitted = (holds: readonly unknown[]): number =>
  holds.filter((hold) => !("code" in (hold as object))).length;

describe("an open circuit", () => {
  it("refuses with what a caller needs to know", () => {
    const { call, clock } = opened();
    clock.advance(9 * SECOND);
    expect(call("success")).toMatchObject({
      code: "BR5001",
      scope: "circuit:openai/gpt-5",
      message:
        'the circuit of "openai/gpt-5" is open: 5 of 5 calls failed in the last 10 minutes; 25 % are tolerated. Try again in 21 seconds. guard.breaker.forceClose lets calls pass at once.',
      details: {
        key: "openai/gpt-5",
        state: "open",
        retryAfterMs: 21 * SECOND,
        failures: 5,
        calls: 5,
        fallback: undefined,
      },
    });
  });

  it.each([1, 3, 7])("is probed with exactly %d calls at a time", (probes) => {
    const { begin, clock, end } = opened({ probes });
    clock.advance(30 * SECOND);
    const holds = Array.from({ length: 50 }, () => begin());
    expect(admitted(holds)).toBe(probes);
    expect(holds.at(-1)).toMatchObject({ details: { state: "half-open" } });
    end(holds[0] as GateHold, "aborted");
    (holds[0] as GateHold).release(undefined); // a second release gives nothing back
    expect(admitted(Array.from({ length: 50 }, () => begin()))).toBe(1);
  });

  it("gets a probe's slot back when a later step refused it", () => {
    const { begin, breaker, clock } = opened({ probes: 1 });
    clock.advance(30 * SECOND);
    for (let count = 0; count < 100; count++) {
      const hold = begin();
      expect("code" in hold).toBe(false);
      (hold as GateHold).release(undefined);
    }
    expect(breaker.circuits()[0]?.state).toBe("half-open");
  });

  it("is probed by others when its probes hang, and hears those when they answer", () => {
    const { begin, breaker, clock, end } = opened({ probes: 2 });
    clock.advance(30 * SECOND);
    const hung = Array.from({ length: 10 }, () => begin());
    clock.advance(30 * SECOND - 1);
    expect(admitted([begin()])).toBe(0);
    clock.advance(1);
    expect(admitted(Array.from({ length: 10 }, () => begin()))).toBe(2);
    end(hung[0] as GateHold, "success");
    end(hung[1] as GateHold, "success");
    expect(breaker.circuits()[0]?.state).toBe("ramping");
  });

  it("waits twice as long after each probe that fails, up to a bound", () => {
    const { call, clock, events } = opened({ openMs: 30_000, maxOpenMs: 100_000 });
    const waits: number[] = [];
    for (let round = 0; round < 4; round++) {
      let waited = 0;
      while (call("server-error") !== undefined) {
        clock.advance(SECOND);
        waited++;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([30, 60, 100, 100]);
    expect(events.at(-1)).toMatchObject({ why: "a probe failed: server-error" });
  });

  it("waits shorter by chance, so that processes do not probe together", () => {
    const { call, clock } = opened({ random: () => 0.5 });
    clock.advance(27 * SECOND - 1);
    expect(call("success")).toBeDefined();
    clock.advance(1);
    expect(call("success")).toBeUndefined();
  });

  it("does not hear probes of an earlier round, nor calls from before it opened", () => {
    const test = setUpBreaker({ probes: 2 });
    for (let count = 0; count < 4; count++) test.call("server-error");
    const before = [test.begin(), test.begin(), test.begin()] as const;
    test.call("server-error");
    test.clock.advance(30 * SECOND);
    const stale = test.begin();
    test.call("server-error");
    test.clock.advance(60 * SECOND);
    const fresh = test.begin();
    for (const hold of before) test.end(hold, "success");
    test.end(stale, "success");
    expect(test.breaker.circuits()[0]?.state).toBe("half-open");
    test.end(fresh, "success");
    test.call("success");
    expect(test.breaker.circuits()[0]?.state).toBe("ramping");
  });
});

describe("a circuit that has just closed", () => {
  it("lets more and more calls run at a time, until there is no bound", () => {
    const { begin, breaker, call, clock, end } = opened({ probes: 1 });
    clock.advance(30 * SECOND);
    expect(call("success")).toBeUndefined();
    const widths: number[] = [];
    for (let round = 0; round < 5; round++) {
      const holds = Array.from({ length: 100 }, () => begin());
      widths.push(admitted(holds));
      for (const hold of holds) if (!("code" in hold)) end(hold, "success");
    }
    expect(widths).toEqual([2, 4, 8, 16, 100]);
    expect(breaker.circuits()[0]?.state).toBe("closed");
  });

  it("opens again on evidence, for longer", () => {
    const { call, clock, events } = opened({ probes: 1 });
    clock.advance(30 * SECOND);
    call("success");
    for (let count = 0; count < 5; count++) call("timeout");
    expect(events.at(-1)?.name).toBe("circuit-opened");
    expect(call("success")?.details?.["retryAfterMs"]).toBe(60 * SECOND);
  });
});

describe("a tool that is not marked idempotent", () => {
  const refund = toolCall("refund");

  it("is never probed: its circuit closes when what opened it has left the window", () => {
    const { breaker, call, clock, events } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("server-error", {}, refund);
    for (let minute = 0; minute < 9; minute++) {
      clock.advance(MINUTE);
      expect(call("success", {}, refund)?.code).toBe("BR5001");
    }
    clock.advance(MINUTE);
    expect(call("success", {}, refund)).toBeUndefined();
    expect(events.map(({ name }) => name)).toEqual(["circuit-opened", "circuit-closed"]);
    expect(breaker.circuits()[0]?.state).toBe("closed");
  });

  it("is told when it may be called again", () => {
    const { breaker, call, clock } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("server-error", {}, refund);
    expect(call("success", {}, refund)?.details?.["retryAfterMs"]).toBe(10 * MINUTE);
    expect(breaker.circuits()[0]?.retryAtMs).toBe(clock.wallMs() + 10 * MINUTE);
  });

  it.each([
    ["by a pattern", { idempotentTools: ["get_*"] }, toolCall("get_order")],
    ["by the call itself", {}, toolCall("get_order", true)],
  ])("is probed once it is marked %s", (_, options, target) => {
    const { breaker, call, clock } = setUpBreaker(options);
    for (let count = 0; count < 5; count++) call("server-error", {}, target);
    clock.advance(30 * SECOND);
    expect(call("success", {}, target)).toBeUndefined();
    expect(breaker.circuits()[0]?.state).toBe("half-open");
  });

  it("waits while another caller's idempotent call is the probe", () => {
    const { begin, call, clock } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("server-error", {}, toolCall("x"));
    clock.advance(30 * SECOND);
    begin(toolCall("x", true));
    expect(call("success", {}, toolCall("x"))?.details?.["state"]).toBe("half-open");
  });

  it.each(["aborted", "success", "unknown"] as const)(
    "is let through when its failures have left the window, though a probe ended as %s",
    (outcome) => {
      const { begin, breaker, call, clock, end } = setUpBreaker();
      for (let count = 0; count < 5; count++) call("server-error", {}, refund);
      clock.advance(MINUTE);
      end(begin(toolCall("refund", true)) as GateHold, outcome);
      expect(call("success", {}, refund)).toMatchObject({
        details: { state: "half-open", retryAfterMs: 9 * MINUTE },
      });
      clock.advance(9 * MINUTE);
      expect(call("success", {}, refund)).toBeUndefined();
      expect(breaker.circuits()[0]?.state).toBe("closed");
    },
  );
});

describe("a provider that says when to come back", () => {
  it("is left alone until then, and has not failed", () => {
    const { breaker, call, clock, events } = setUpBreaker();
    call("success");
    call("rate-limited", { retryAfterMs: 20_000 });
    expect(events).toMatchObject([
      { name: "circuit-paused", why: "it asked to come back in 20 seconds" },
    ]);
    expect(call("success")?.details).toMatchObject({ state: "paused", retryAfterMs: 20_000 });
    expect(breaker.circuits()).toMatchObject([{ state: "paused", failures: 0, calls: 1 }]);
    clock.advance(20_000);
    expect(call("success")).toBeUndefined();
    expect(breaker.circuits()[0]?.state).toBe("closed");
  });

  it("is told of again when a call that outlived the first pause brings another", () => {
    const { breaker, begin, clock, end, events } = setUpBreaker();
    const [short, long] = [begin(), begin()];
    end(short, "rate-limited", { retryAfterMs: 1_000 });
    clock.advance(10_000);
    end(long, "rate-limited", { retryAfterMs: 5_000 });
    expect(events).toMatchObject([
      { name: "circuit-paused", why: "it asked to come back in 1 second" },
      { name: "circuit-paused", why: "it asked to come back in 5 seconds" },
    ]);
    expect(breaker.circuits()[0]?.why).toBe("it asked to come back in 5 seconds");
  });

  it("does so too when it is overloaded, or the first call tells it", () => {
    const { call } = setUpBreaker();
    call("server-error", { retryAfterMs: 1_000 });
    expect(call("success")?.details?.["state"]).toBe("paused");
  });

  it("cannot ask for more than a bound, nor for nonsense", () => {
    const { call, clock } = setUpBreaker({ maxPauseMs: 5_000 });
    call("rate-limited", { retryAfterMs: Number.MAX_VALUE });
    clock.advance(5_000);
    for (const retryAfterMs of [Number.NaN, -1, 0]) {
      expect(call("rate-limited", { retryAfterMs })).toBeUndefined();
    }
  });

  it("counts as failing when it is busy and does not say", () => {
    const { call, breaker } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("rate-limited");
    expect(breaker.circuits()[0]?.state).toBe("open");
  });

  it("pauses a half-open circuit without a verdict on the probe", () => {
    const { breaker, call, clock } = opened();
    clock.advance(30 * SECOND);
    call("rate-limited", { retryAfterMs: 20_000 });
    expect(breaker.circuits()[0]?.state).toBe("paused");
    clock.advance(20_000);
    expect(call("success")).toBeUndefined();
    expect(breaker.circuits()[0]?.state).toBe("half-open");
  });
});
