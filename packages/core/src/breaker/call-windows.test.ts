import { describe, expect, it } from "vitest";
import { CallWindows, MAX_COUNTED } from "./call-windows.ts";

const MINUTE = 60_000;

/** One window of ten minutes, and another beside it that nobody counts in. */
function setUp(startMs = 0) {
  const windows = new CallWindows(10 * MINUTE);
  const window = windows.open();
  const other = windows.open();
  let slice = windows.sliceAt(startMs);
  const advance = (nowMs: number): void => {
    slice = windows.advance(window, slice, nowMs);
  };
  return {
    windows,
    window,
    other,
    advance,
    add(nowMs: number, failed: boolean, slow = false): void {
      advance(nowMs);
      windows.add(window, slice, failed, slow);
    },
    counted: () => windows.counted(window),
  };
}

describe("the window of a circuit", () => {
  it("counts the last ten minutes and forgets what is older", () => {
    const { add, advance, counted } = setUp();
    for (let minute = 0; minute < 25; minute++) add(minute * MINUTE, minute < 20);
    expect(counted()).toEqual({ calls: 10, failures: 5, slow: 0 });
    advance(29 * MINUTE);
    expect(counted()).toEqual({ calls: 5, failures: 0, slow: 0 });
    advance(1_000 * MINUTE);
    expect(counted().calls).toBe(0);
  });

  it("keeps the rates of a minute that has more calls than it can count", () => {
    const { add, advance, counted } = setUp();
    for (let call = 0; call < 100_000; call++) add(0, call % 4 === 0, call % 10 === 0);
    const { calls, failures, slow } = counted();
    expect(calls).toBeLessThan(MAX_COUNTED / 5);
    expect(failures / calls).toBeCloseTo(0.25, 2);
    expect(slow / calls).toBeCloseTo(0.1, 2);
    advance(10 * MINUTE);
    expect(counted()).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it("is not confused by a clock that goes back", () => {
    const { add, counted } = setUp(100 * MINUTE);
    add(100 * MINUTE, true);
    add(5 * MINUTE, true);
    expect(counted().failures).toBe(2);
  });

  it("counts nothing of its neighbours, and begins empty where another was", () => {
    const { windows, window, other, add, counted } = setUp();
    for (let call = 0; call < 2_000; call++) add(call * MINUTE, true, true);
    expect(windows.counted(other)).toEqual({ calls: 0, failures: 0, slow: 0 });
    const many = Array.from({ length: 100 }, () => windows.open());
    expect(new Set([window, other, ...many]).size).toBe(102);
    expect(counted().calls).toBe(10);
    windows.close(window);
    expect(windows.open()).toBe(window);
    expect(counted().calls).toBe(0);
  });
});
