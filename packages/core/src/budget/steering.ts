import type { Budget } from "./budget.ts";
import type { BudgetAccount } from "./budget-account.ts";

/** How long a throttled call waits at most, where its threshold does not say. */
const DEFAULT_MAX_DELAY_MS = 30_000;

/** What a budget's thresholds do to calls that come after them, by their index. */
export interface Steering {
  /** The highest first. */
  readonly downgrades: readonly { readonly index: number; readonly key: string }[];
  /** The lowest that throttles. */
  readonly throttle: { readonly index: number; readonly maxDelayMs: number } | undefined;
}

/** Undefined for a budget that never changes how a call is made. */
export function steeringOf({ thresholds }: Budget): Steering | undefined {
  const downgrades: { index: number; key: string }[] = [];
  let throttle: Steering["throttle"];
  for (const [index, { do: action, maxDelayMs }] of thresholds.entries()) {
    if (typeof action === "object") downgrades.unshift({ index, key: action.downgrade });
    else if (action === "throttle") {
      throttle ??= { index, maxDelayMs: maxDelayMs ?? DEFAULT_MAX_DELAY_MS };
    }
  }
  return downgrades.length === 0 && throttle === undefined ? undefined : { downgrades, throttle };
}

/** The keys of models that an account's thresholds ask for, the one to be preferred first. */
export function wantedModels({ budget, spent }: BudgetAccount): readonly string[] {
  if (budget.steering === undefined || spent === undefined) return [];
  return budget.steering.downgrades
    .filter(({ index }) => spent >= (budget.marks[index] as number))
    .map(({ key }) => key);
}

/** How long a call may wait on an account that throttles; undefined where it does not. */
export function throttleDelayMs(account: BudgetAccount): number | undefined {
  const { budget, spent } = account;
  if (spent === undefined || !isThrottledAt(account, spent)) return undefined;
  return budget.steering?.throttle?.maxDelayMs;
}

/** Whether an account throttles its calls once so much is spent. */
export function isThrottledAt({ budget }: BudgetAccount, spent: number): boolean {
  const throttle = budget.steering?.throttle;
  return throttle !== undefined && spent >= (budget.marks[throttle.index] as number);
}
