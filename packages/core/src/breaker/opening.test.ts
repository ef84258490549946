import { describe, expect, it } from "vitest";
import type { OutcomeClass } from "../call/outcome.ts";
import { MINUTE, modelCall, SECOND, setUpBreaker, toolCall } from "./test-fixture.ts";

const stateOf = (breaker: ReturnType<typeof setUpBreaker>["breaker"], index = 0): unknown =>
  breaker.circuits()[index]?.state;

describe("an outage at one call a minute", () => {
  it("opens the circuit within ten calls, and the circuit recovers when it is over", () => {
    const { breaker, clock, call, events } = setUpBreaker();
    for (let minute = 0; minute < 60; minute++, clock.advance(MINUTE)) call("success");
    let failed = 0;
    while (call("server-error") === undefined) {
      failed++;
      clock.advance(MINUTE);
      if (stateOf(breaker) === "open") break;
    }
    expect(failed).toBeLessThanOrEqual(10);
    expect(events.map(({ name }) => name)).toEqual(["circuit-opened"]);
    for (let minute = 0; minute < 3; minute++, clock.advance(MINUTE)) {
      expect(call("success")).toBeUndefined();
    }
    expect(events.map(({ name }) => name)).toEqual([
      "circuit-opened",
      "circuit-half-opened",
      "circuit-closed",
    ]);
    for (let minute = 0; minute < 60; minute++, clock.advance(MINUTE)) {
      expect(call("success")).toBeUndefined();
    }
    expect(stateOf(breaker)).toBe("closed");
  });

  it("opens after five failures when nothing was called before, and says why in plain words", () => {
    const { breaker, clock, call, events } = setUpBreaker();
    for (let count = 0; count < 5; count++) {
      expect(stateOf(breaker)).not.toBe("open");
      call(count === 0 ? "timeout" : "connection-error");
      clock.advance(MINUTE);
    }
    expect(events[0]).toMatchObject({
      name: "circuit-opened",
      key: "openai/gpt-5",
      why: "5 of 5 calls failed in the last 10 minutes; 25 % are tolerated",
      failures: 5,
      calls: 5,
      by: undefined,
    });
  });
});

describe("what says nothing about the provider", () => {
  it.each<OutcomeClass>([
    "aborted",
    "abandoned",
    "client-error",
    "killed",
    "refused",
    "released",
    "cached",
    "tool-error",
    "unknown",
  ])("never opens a circuit, be it a thousand times: %s", (outcome) => {
    const { breaker, call } = setUpBreaker();
    call("success");
    for (let count = 0; count < 1_000; count++) expect(call(outcome)).toBeUndefined();
    expect(breaker.circuits()).toMatchObject([{ state: "closed", calls: 1, failures: 0 }]);
  });

  it("opens the circuit of a tool when its error answers are to count", () => {
    const { breaker, call } = setUpBreaker({ countToolErrors: true });
    for (let count = 0; count < 5; count++) call("tool-error", {}, toolCall("search"));
    expect(breaker.circuits()).toMatchObject([{ key: "tool:search", state: "open" }]);
  });
});

describe("a tolerated rate of failures", () => {
  it("does not open at 5 % over 10,000 calls, at any pace", () => {
    const paces = [MINUTE, 10 * SECOND, 100];
    let seed = 42;
    const chance = (): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed / 2 ** 32;
    };
    let opened = 0;
    for (const pace of paces) {
      const { clock, call, events } = setUpBreaker();
      for (let count = 0; count < 10_000; count++) {
        call(chance() < 0.05 ? "server-error" : "success");
        clock.advance(pace);
      }
      opened += events.filter(({ name }) => name === "circuit-opened").length;
    }
    expect(opened / 30_000).toBeLessThan(0.01 / 100);
  });

  it("opens when more than that fails for long, however busy it is", () => {
    const { breaker, clock, call } = setUpBreaker();
    for (let count = 0; count < 60_000 && stateOf(breaker) !== "open"; count++) {
      call(count % 10 < 4 ? "server-error" : "success");
      clock.advance(1);
    }
    expect(stateOf(breaker)).toBe("open");
  });
});

describe("slow calls", () => {
  it("open a circuit without one failure, and the reason says so", () => {
    const { call, events } = setUpBreaker({ slowCallMs: 5_000 });
    for (let count = 0; count < 5; count++) call("success", { latencyMs: 6_000 });
    expect(events[0]?.why).toBe(
      "5 of 5 calls took longer than 5 seconds in the last 10 minutes; 25 % are tolerated",
    );
  });

  it("do not count when nobody said what slow is", () => {
    const { events, call } = setUpBreaker();
    for (let count = 0; count < 50; count++) call("success", { latencyMs: 600_000 });
    expect(events).toEqual([]);
  });
});

describe("circuits", () => {
  it("are one for each model of a provider and for each tool", () => {
    const { breaker, call } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("server-error");
    expect(call("success", {}, modelCall("gpt-5", "azure"))).toBeUndefined();
    expect(call("success", {}, modelCall("gpt-5-mini"))).toBeUndefined();
    expect(call("success", {}, toolCall("gpt-5"))).toBeUndefined();
    expect(breaker.circuits().map(({ key, state }) => `${key} ${state}`)).toEqual([
      "openai/gpt-5 open",
      "azure/gpt-5 closed",
      "openai/gpt-5-mini closed",
      "tool:gpt-5 closed",
    ]);
  });

  it("take no room for names that do not exist, and keep what failed when room runs out", () => {
    const { breaker, call } = setUpBreaker();
    for (let count = 0; count < 5; count++) call("server-error");
    for (let n = 0; n < 3_000; n++) call("client-error", {}, modelCall(`bogus-${n}`));
    expect(breaker.circuits()).toHaveLength(1);
    for (let n = 0; n < 5_000; n++) call("success", {}, modelCall(`good-${n}`));
    expect(breaker.circuits().length).toBeLessThanOrEqual(2_048);
    expect(breaker.circuits().find(({ key }) => key === "openai/gpt-5")?.state).toBe("open");
    expect(call("success")?.code).toBe("BR5001");
  });

  it("of one organisation leave room for those of others", () => {
    const { breaker, call } = setUpBreaker();
    for (let n = 0; n < 5_000; n++) call("failed", {}, modelCall(`bad-${n}`, "openai", "evil"));
    expect(breaker.circuits().length).toBeLessThanOrEqual(512);
    call("success", {}, modelCall("gpt-5", "openai", "good"));
    expect(breaker.circuits().at(-1)).toMatchObject({ key: "openai/gpt-5", calls: 1 });
  });

  it("of two breakers disagree without harm", () => {
    const one = setUpBreaker();
    const other = setUpBreaker();
    for (let count = 0; count < 5; count++) one.call("server-error");
    expect(one.call("success")?.code).toBe("BR5001");
    expect(other.call("success")).toBeUndefined();
  });

  it("are not moved by a wall clock that jumps", () => {
    const { breaker, clock, call } = setUpBreaker();
    for (let count = 0; count < 3; count++) call("server-error");
    clock.setWall(clock.wallMs() + 86_400_000);
    call("server-error");
    clock.setWall(0);
    call("server-error");
    expect(stateOf(breaker)).toBe("open");
    clock.setWall(clock.wallMs() + 86_400_000);
    expect(call("success")?.code).toBe("BR5001");
  });
});
