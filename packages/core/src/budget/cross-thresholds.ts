import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Balance } from "../ledger/ledger.ts";
import { isPromise } from "../ports/maybe-promise.ts";
import type { BudgetThreshold } from "./budget.ts";
import { type BudgetAccount, spentOf } from "./budget-account.ts";
import { resetsAtMs } from "./window.ts";

/** Raises what was crossed upwards since the last look. Usually one comparison. */
export function crossThresholds(
  account: BudgetAccount,
  balance: Balance,
  guard: GuardRuntime,
): void {
  const { thresholds, unit } = account.budget.budget;
  const spent = spentOf(balance);
  const { limit } = account.ref;
  while (account.crossed > 0 && spent < fractionAt(thresholds, account.crossed - 1) * limit) {
    account.crossed--; // a rolling window let go of old spending: the threshold can be crossed again
  }
  if (spent > limit) {
    const overshot = { budget: account.budget.id, key: account.key, unit, spent, limit };
    guard.emitter.emit("budget-overshot", overshot);
  }
  while (account.crossed < thresholds.length) {
    const threshold = thresholds[account.crossed] as BudgetThreshold;
    if (spent < threshold.fraction * limit) return;
    account.crossed++;
    const event = { fraction: threshold.fraction, do: threshold.do, key: account.key, unit };
    guard.emitter.emit("budget-threshold-crossed", {
      ...event,
      budget: account.budget.id,
      spent,
      limit,
    });
    if (threshold.do === "kill") killAccount(account, threshold, guard);
  }
}

function fractionAt(thresholds: readonly BudgetThreshold[], index: number): number {
  return thresholds[index]?.fraction ?? 0;
}

function killAccount(
  account: BudgetAccount,
  threshold: BudgetThreshold,
  guard: GuardRuntime,
): void {
  const { killSwitch, options } = guard;
  if (killSwitch.coversAccount(account.id)) return;
  const { window } = account.ref;
  const atMs = options.clock.wallMs();
  if (window.kind === "fixed" && window.endsAtMs <= atMs) return; // it has reset already
  const rollingEnd = window.kind === "rolling" ? atMs + window.lengthMs : undefined;
  const entry = {
    kind: "kill" as const,
    id: options.ids.next(),
    target: { budget: account.budget.id },
    account: account.id,
    level: "stop" as const,
    reason: `${threshold.fraction * 100} % of budget "${account.budget.id}" (${account.key}) is spent`,
    by: "burnrate:threshold",
    atMs,
    expiresAtMs: rollingEnd ?? resetsAtMs(window) ?? undefined,
  };
  killSwitch.arm({ ...entry, epoch: killSwitch.logEpoch });
  const appended = killSwitch.append(entry);
  if (isPromise(appended)) appended.catch(() => guard.counters.settlementErrors++);
}
