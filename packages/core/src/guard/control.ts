import type { BudgetLimit } from "../budget/budget.ts";
import { spentOf } from "../budget/budget-account.ts";
import type { BudgetState } from "../budget/budget-state.ts";
import { crossThresholds, type Standing } from "../budget/cross-thresholds.ts";
import { checkLimit } from "../budget/parse-budget.ts";
import { checkObject, refuseUnknownKeys } from "../config/check-object.ts";
import { describe, quote } from "../config/describe.ts";
import { choiceError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import { PolicyDeniedError } from "../errors/policy-denied-error.ts";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { checkKillOptions, checkKillTarget, checkReason } from "../kill/check-kill.ts";
import type { KillEntry, NewKillEntry } from "../kill/kill-log.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import type { KillOptions, KillReceipt, ReviveOptions } from "../kill/kill-switch.ts";
import { newKillId } from "../kill/new-kill-id.ts";
import { NOT_LOGGED } from "../kill/same-kill.ts";
import type { ControlAction } from "../ports/authorize.ts";
import type { ChangeReason } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";
import { readBalances } from "./read-budgets.ts";

const DEFAULT_ACK_TIMEOUT_MS = 1_000;

/** Pulls the switch: here first, then in the log, so that it works while the store is down. */
export async function kill(
  guard: GuardRuntime,
  target: KillTarget,
  given: KillOptions,
): Promise<KillReceipt> {
  const checked = checkKillTarget(target);
  if (checked !== "everything" && checked.budget !== undefined) {
    budgetNamed(guard, "kill.target.budget", checked.budget);
  }
  const { reason, by, level = "abort", ttlMs, ackTimeoutMs } = checkKillOptions(given);
  const { killSwitch, heldQueue } = guard;
  const id = newKillId(guard);
  const change = {
    action: "kill" as const,
    target: checked,
    killId: id,
    level,
    ...(ttlMs !== undefined && { ttlMs }),
    reason,
    by,
  };
  await authorize(guard, change);
  const atMs = guard.options.clock.wallMs();
  const expiresAtMs = ttlMs === undefined ? undefined : atMs + ttlMs;
  const entry = {
    kind: "kill" as const,
    id,
    target: checked,
    level,
    reason,
    by,
    atMs,
    expiresAtMs,
  };
  const aborted = killSwitch.arm(entry);
  heldQueue.changed();
  const logged = await append(guard, entry, ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS);
  await audit(guard, change);
  return {
    id,
    epoch: logged?.epoch ?? NOT_LOGGED,
    durable: logged !== undefined && killSwitch.durable,
    aborted,
    acks: [{ process: `pid-${process.pid}`, aborted }],
    missing: [],
  };
}

/** Undefined when the log refuses or does not answer in time: the kill is in force here all the same. */
function append(
  { killSwitch, counters, options }: GuardRuntime,
  entry: NewKillEntry,
  timeoutMs: number,
): Promise<KillEntry | undefined> {
  return new Promise((resolve) => {
    const failed = (): void => {
      cancel();
      counters.settlementErrors++;
      killSwitch.announce(entry.id);
      resolve(undefined);
    };
    const cancel = options.clock.setTimer(failed, timeoutMs);
    const appending = (async () => killSwitch.append(entry))();
    appending.then((logged) => {
      cancel();
      resolve(logged);
    }, failed);
  });
}

/**
 * Takes a kill back: in the log first, so that no process stays behind.
 * @throws {ConfigError} `BR9001` when no such kill is in force.
 * @throws {StoreUnavailableError} `BR8001` when the log cannot take it; the kill stays.
 */
export async function revive(
  guard: GuardRuntime,
  killId: string,
  options: ReviveOptions,
): Promise<void> {
  const { reason, by } = checkReason("revive", options);
  const killed = guard.killSwitch.find(killId);
  if (killed === undefined) {
    throw new ConfigError({
      message: `no kill ${describe(killId)} is in force. guard.kills() lists those that are.`,
      scope: "revive",
    });
  }
  const { target: killTarget, level } = killed;
  const change = {
    action: "revive" as const,
    target: killId,
    killId,
    killTarget,
    level,
    reason,
    by,
  };
  await authorize(guard, change);
  const atMs = guard.options.clock.wallMs();
  try {
    const entry = { kind: "revive" as const, id: killId, reason, by, atMs };
    guard.killSwitch.follow(await guard.killSwitch.append(entry));
  } catch {
    throw new StoreUnavailableError({
      message: "the kill log did not take the revive, so the kill stays. Mend the store.",
      scope: `kill:${killId}`,
    });
  }
  await audit(guard, change);
}

/** Changes a limit. @throws {ConfigError} `BR9001` for an unknown budget or another unit. */
export async function setBudget(
  guard: GuardRuntime,
  id: string,
  change: { readonly limit: BudgetLimit },
  why: ChangeReason,
): Promise<void> {
  const { reason, by } = checkReason("setBudget", why);
  const state = budgetNamed(guard, "setBudget.id", id);
  const given = checkObject("setBudget.change", change);
  refuseUnknownKeys("setBudget.change", given, ["limit"]);
  const { unit, limit } = checkLimit("setBudget.limit", given["limit"]);
  if (unit !== state.budget.unit) {
    throw choiceError("setBudget.limit", unit, [state.budget.unit]);
  }
  const action = { action: "set-budget" as const, target: id, unit, to: limit, reason, by };
  const asked = { ...action, from: state.limit };
  await authorize(guard, asked);
  const { limit: from, marks } = state;
  const made = { ...action, from };
  state.setLimit(limit);
  guard.emitter.emit("budget-changed", { budget: id, unit, from, to: limit, reason, by });
  guard.heldQueue.changed();
  await lookAtThresholds(guard, state, { limit: from, marks });
  await audit(guard, made);
}

/** A lower limit may have crossed thresholds at once; a store that does not answer tells later. */
async function lookAtThresholds(
  guard: GuardRuntime,
  state: BudgetState,
  before: Omit<Standing, "spent">,
): Promise<void> {
  const nowMs = guard.nowMs();
  const accounts = state.accounts(nowMs);
  try {
    const balances = await readBalances(guard, accounts, nowMs);
    for (const [index, account] of accounts.entries()) {
      const balance = balances[index];
      if (balance === undefined) continue;
      const spent = spentOf(balance);
      crossThresholds(account, { ...before, spent }, spent, guard);
    }
  } catch {
    guard.counters.settlementErrors++;
  }
}

function budgetNamed({ resolver }: GuardRuntime, path: string, id: string): BudgetState {
  const found = resolver.budgets.find((state) => state.id === id);
  if (found !== undefined) return found;
  throw choiceError(
    path,
    id,
    resolver.budgets.map((state) => state.id),
  );
}

async function authorize({ options }: GuardRuntime, action: ControlAction): Promise<void> {
  if (options.authorize === undefined) return;
  let allowed = false;
  try {
    allowed = (await options.authorize(action)) === true;
  } catch {
    allowed = false;
  }
  if (allowed) return;
  throw new PolicyDeniedError({
    message: `${quote(action.by)} may not ${action.action}: the authorize option refused it.`,
    scope: `authorize:${action.action}`,
    details: { action: action.action, by: action.by },
  });
}

async function audit({ options, counters }: GuardRuntime, action: ControlAction): Promise<void> {
  try {
    await options.audit?.append({ ...action, atMs: options.clock.wallMs() });
  } catch {
    counters.auditErrors++;
  }
}
