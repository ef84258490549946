import type { AccountWindow, BudgetUnit } from "../ledger/ledger.ts";
import type { BudgetWindow } from "./budget.ts";
import { calendarWindow } from "./calendar.ts";

/** A window as a ledger account carries it. The same object for as long as the window lasts. */
export interface ResolvedWindow {
  /**
   * Also says how the window rolls and what it counts in, if not in money: a store outlives the
   * configuration, and a budget of the same id that now means something else must not go on with
   * that balance.
   */
  readonly windowKey: string;
  readonly window: AccountWindow;
}

/** Tells which window of a budget is open. */
export interface WindowClock {
  /** The window at a wall-clock instant, in epoch ms. */
  at(nowMs: number): ResolvedWindow;
}

/** A rolling window forgets in this many steps. */
const SLICES = 60;

const WHOLE_LIFE: AccountWindow = {
  kind: "fixed",
  startsAtMs: Number.NEGATIVE_INFINITY,
  endsAtMs: Number.POSITIVE_INFINITY,
};

/**
 * Makes the clock of one budget's windows: one comparison a call while the window lasts, whatever
 * the calendar. It never returns an earlier window than before: when the wall clock steps back, the
 * budget stays in the window it is in until time has caught up, because going back would refund
 * what was spent. (A `call` budget has no account, hence no window; asked all the same, it answers
 * with the one that never resets.)
 *
 * `at` throws ConfigError `BR9001` when a calendar budget's clock gives no finite number.
 */
export function createWindowClock(window: BudgetWindow, unit: BudgetUnit): WindowClock {
  const keyed = (key: string): string => (unit === "usd" ? key : `${key} ${unit}`);
  if (window.kind === "rolling") {
    const { name, lengthMs } = window;
    return always(keyed(name), { kind: "rolling", lengthMs, sliceMs: lengthMs / SLICES });
  }
  if (window.kind !== "calendar") return always(keyed("total"), WHOLE_LIFE);
  let current: ResolvedWindow = { windowKey: keyed("total"), window: WHOLE_LIFE };
  let endsAtMs = Number.NEGATIVE_INFINITY;
  return {
    at: (nowMs) => {
      if (nowMs < endsAtMs) return current;
      const span = calendarWindow(window.calendar, window.timeZone, nowMs);
      endsAtMs = span.endsAtMs;
      current = {
        windowKey: keyed(span.key),
        window: { kind: "fixed", startsAtMs: span.startsAtMs, endsAtMs },
      };
      return current;
    },
  };
}

/**
 * When the balance starts again from zero, in epoch ms; null when it never does, or does gradually.
 */
export function resetsAtMs(window: AccountWindow): number | null {
  return window.kind === "fixed" && Number.isFinite(window.endsAtMs) ? window.endsAtMs : null;
}

function always(windowKey: string, window: AccountWindow): WindowClock {
  const resolved: ResolvedWindow = { windowKey, window };
  return { at: () => resolved };
}
