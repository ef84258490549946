import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetWindow } from "./budget.ts";
import { createWindowClock, resetsAtMs } from "./window.ts";

const BERLIN_DAY: BudgetWindow = {
  kind: "calendar",
  calendar: "day",
  timeZone: "Europe/Berlin",
};

const MIDNIGHT_MS = Date.parse("2026-11-20T23:00:00Z");

describe("createWindowClock", () => {
  it("stays in one window for a whole day and enters the next at local midnight", () => {
    const clock = createWindowClock(BERLIN_DAY, "usd");
    const today = clock.at(MIDNIGHT_MS);
    expect(today.windowKey).toBe("2026-11-21");
    expect(clock.at(MIDNIGHT_MS + 86_399_999)).toBe(today);
    const tomorrow = clock.at(MIDNIGHT_MS + 86_400_000);
    expect(tomorrow.windowKey).toBe("2026-11-22");
    expect(tomorrow.window).toEqual({
      kind: "fixed",
      startsAtMs: MIDNIGHT_MS + 86_400_000,
      endsAtMs: MIDNIGHT_MS + 2 * 86_400_000,
    });
  });

  it("does not refund a budget when the wall clock steps back over midnight", () => {
    const clock = createWindowClock(BERLIN_DAY, "usd");
    const today = clock.at(MIDNIGHT_MS);
    expect(clock.at(MIDNIGHT_MS - 1)).toBe(today);
    expect(clock.at(MIDNIGHT_MS - 10 * 86_400_000)).toBe(today);
    expect(clock.at(MIDNIGHT_MS + 86_400_000).windowKey).toBe("2026-11-22");
  });

  it("never goes back, however the wall clock jumps", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4e12 }), { maxLength: 30 }), (instants) => {
        const clock = createWindowClock(
          { kind: "calendar", calendar: "week", timeZone: "UTC" },
          "usd",
        );
        let latest = Number.NEGATIVE_INFINITY;
        for (const atMs of instants) {
          const { window } = clock.at(atMs);
          if (window.kind !== "fixed") throw new Error("calendar windows are fixed");
          expect(window.startsAtMs).toBeGreaterThanOrEqual(latest);
          expect(window.endsAtMs).toBeGreaterThan(atMs);
          latest = window.startsAtMs;
        }
      }),
    );
  });

  it("refuses to guess a window when the wall clock says NaN", () => {
    expect(() => createWindowClock(BERLIN_DAY, "usd").at(Number.NaN)).toThrow("BR9001");
  });

  it("rolls minutes and hours in 60 slices", () => {
    const clock = createWindowClock({ kind: "rolling", name: "hour", lengthMs: 3_600_000 }, "usd");
    const rolling = clock.at(0);
    expect(rolling).toEqual({
      windowKey: "hour",
      window: { kind: "rolling", lengthMs: 3_600_000, sliceMs: 60_000 },
    });
    expect(clock.at(1e12)).toBe(rolling);
  });

  it.each(["task", "session", "total"] as const)("never resets a %s budget", (kind) => {
    const { windowKey, window } = createWindowClock({ kind }, "usd").at(0);
    expect(windowKey).toBe("total");
    expect(window.kind === "fixed" && [window.startsAtMs, window.endsAtMs]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

describe("resetsAtMs", () => {
  it("is the end of a calendar window, and null where nothing resets at once", () => {
    expect(resetsAtMs(createWindowClock(BERLIN_DAY, "usd").at(MIDNIGHT_MS).window)).toBe(
      MIDNIGHT_MS + 86_400_000,
    );
    expect(resetsAtMs(createWindowClock({ kind: "total" }, "usd").at(0).window)).toBeNull();
    expect(resetsAtMs({ kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 })).toBeNull();
  });
});
