import type { Clock } from "@burnrate/core";
import {
  checkObject,
  checkWholeNumber,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";

/** What a judge may spend in a window: dollars, calls, or both. */
export interface JudgeBudget {
  /** Most dollars in a window; needs `priceOf`, or a model that says what a call cost. */
  readonly usd?: number;
  /** Most calls in a window, retries included. */
  readonly calls?: number;
  /** Length of the window, which begins with its first call. */
  readonly perMs: number;
}

/** A place in the budget for one call. */
export interface Spending {
  /**
   * What the answer cost, in nano-dollars; undefined when nobody knows. The first of both counts.
   */
  settle(costNanoUsd: number | undefined): void;
  /** There was no answer; it may have cost something all the same. */
  fail(): void;
}

/** Counts what a judge spends. */
export interface BudgetMeter {
  /** Undefined when the window has nothing left. */
  take(): Spending | undefined;
}

const FREE: Spending = { settle: () => {}, fail: () => {} };
const MAX_USD = 9_007_199;
const NANO = 1_000_000_000;

/**
 * Counts calls and money in windows. While a call is on its way it holds as much as the dearest so
 * far, so the window is overspent by the first calls at most; an answer of unknown cost counts as
 * the dearest so far, and as the whole limit where none is known: never as nothing.
 */
export function createBudgetMeter(budget: JudgeBudget | undefined, clock: Clock): BudgetMeter {
  if (budget === undefined) return { take: () => FREE };
  const { calls = Number.POSITIVE_INFINITY, usd = Number.POSITIVE_INFINITY, perMs } = budget;
  const limit = usd * NANO;
  let window = { endMs: Number.NEGATIVE_INFINITY, calls: 0, spent: 0, held: 0 };
  let dearest = 0;
  return {
    take() {
      const now = clock.monotonicMs();
      if (now >= window.endMs) window = { endMs: now + perMs, calls: 0, spent: 0, held: 0 };
      const { spent, held } = window;
      if (window.calls >= calls || spent + held >= limit || spent + held + dearest > limit) {
        return undefined;
      }
      const mine = window; // a call that ends after its window is charged to that one
      const hold = dearest;
      let open = true;
      mine.calls++;
      mine.held += hold;
      const charge = (nanoUsd: number): void => {
        if (!open) return;
        open = false;
        mine.held -= hold;
        mine.spent += nanoUsd;
      };
      return {
        settle(cost) {
          charge(cost ?? (dearest > 0 || usd === Number.POSITIVE_INFINITY ? dearest : limit));
          dearest = Math.max(dearest, cost ?? 0);
        },
        fail: () => charge(dearest),
      };
    },
  };
}

/**
 * Checks a budget: at least one of dollars and calls.
 * @throws {ConfigError} `BR9001`
 */
export function checkBudget(path: string, budget: JudgeBudget): JudgeBudget {
  const given = checkObject(path, budget);
  refuseUnknownKeys(path, given, ["usd", "calls", "perMs"]);
  const { usd, calls } = budget;
  if (usd === undefined && calls === undefined) {
    throw optionError(path, budget, "one with usd, calls or both");
  }
  if (usd !== undefined && !(typeof usd === "number" && usd > 0 && usd <= MAX_USD)) {
    throw optionError(`${path}.usd`, usd, `a number above 0 and at most ${MAX_USD}`);
  }
  if (calls !== undefined) checkWholeNumber(`${path}.calls`, calls, { min: 1 });
  checkWholeNumber(`${path}.perMs`, budget.perMs, { min: 1 });
  return budget;
}
