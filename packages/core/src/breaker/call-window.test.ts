import { describe, expect, it } from "vitest";
import { CallWindow, MAX_COUNTED } from "./call-window.ts";

const MINUTE = 60_000;

describe("the window of a circuit", () => {
  it("counts the last ten minutes and forgets what is older", () => {
    const window = new CallWindow(10 * MINUTE, 0);
    for (let minute = 0; minute < 25; minute++) window.add(minute * MINUTE, minute < 20, false);
    expect({ calls: window.calls, failures: window.failures }).toEqual({ calls: 10, failures: 5 });
    window.advance(29 * MINUTE);
    expect({ calls: window.calls, failures: window.failures }).toEqual({ calls: 5, failures: 0 });
    window.advance(1_000 * MINUTE);
    expect(window.calls).toBe(0);
  });

  it("keeps the rates of a minute that has more calls than it can count", () => {
    const window = new CallWindow(10 * MINUTE, 0);
    for (let call = 0; call < 100_000; call++) window.add(0, call % 4 === 0, call % 10 === 0);
    expect(window.calls).toBeLessThan(MAX_COUNTED / 5);
    expect(window.failures / window.calls).toBeCloseTo(0.25, 2);
    expect(window.slow / window.calls).toBeCloseTo(0.1, 2);
    window.advance(10 * MINUTE);
    expect([window.calls, window.failures, window.slow]).toEqual([0, 0, 0]);
  });

  it("is not confused by a clock that goes back", () => {
    const window = new CallWindow(10 * MINUTE, 100 * MINUTE);
    window.add(100 * MINUTE, true, false);
    window.add(5 * MINUTE, true, false);
    expect(window.failures).toBe(2);
  });
});
