import type { BudgetLimit } from "../budget/budget.ts";
import { checkLimit } from "../budget/parse-budget.ts";
import { choiceError } from "../config/option-error.ts";
import { ConfigError } from "../errors/config-error.ts";
import { PolicyDeniedError } from "../errors/policy-denied-error.ts";
import { checkKillOptions, checkKillTarget, checkReason } from "../kill/check-kill.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import type { KillOptions, KillReceipt, ReviveOptions } from "../kill/kill-switch.ts";
import type { ControlAction } from "../ports/authorize.ts";
import type { ChangeReason } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/** Pulls the switch: here first, then in the log, so that it works while the store is down. */
export async function kill(
  guard: GuardRuntime,
  target: KillTarget,
  options: KillOptions,
): Promise<KillReceipt> {
  const checked = checkKillTarget(target);
  checkKillOptions(options);
  const { reason, by } = options;
  await authorize(guard, { action: "kill", target: checked, reason, by });
  const { killSwitch } = guard;
  const atMs = guard.options.clock.wallMs();
  const entry = {
    kind: "kill" as const,
    id: guard.options.ids.next(),
    target: checked,
    level: options.level ?? "abort",
    reason,
    by,
    atMs,
    expiresAtMs: options.ttlMs === undefined ? undefined : atMs + options.ttlMs,
  };
  const aborted = killSwitch.arm({ ...entry, epoch: killSwitch.logEpoch });
  guard.heldQueue.changed();
  await audit(guard, { action: "kill", target: checked, reason, by });
  try {
    const { epoch } = await killSwitch.append(entry);
    return receipt(entry.id, epoch, killSwitch.durable, aborted);
  } catch {
    guard.counters.settlementErrors++;
    return receipt(entry.id, killSwitch.logEpoch, false, aborted);
  }
}

function receipt(id: string, epoch: number, durable: boolean, aborted: number): KillReceipt {
  return {
    id,
    epoch,
    durable,
    aborted,
    acks: [{ process: `pid-${process.pid}`, aborted }],
    missing: [],
  };
}

/** Takes a kill back. @throws {ConfigError} `BR9001` when no such kill is in force. */
export async function revive(
  guard: GuardRuntime,
  killId: string,
  options: ReviveOptions,
): Promise<void> {
  checkReason("revive", options);
  const { reason, by } = options;
  if (guard.killSwitch.find(killId) === undefined) {
    throw new ConfigError({
      message: `no kill "${String(killId).slice(0, 64)}" is in force. guard.kills() lists those that are.`,
      scope: "revive",
    });
  }
  await authorize(guard, { action: "revive", target: killId, reason, by });
  const atMs = guard.options.clock.wallMs();
  const entry = await guard.killSwitch.append({ kind: "revive", id: killId, reason, by, atMs });
  guard.killSwitch.apply(entry);
  await audit(guard, { action: "revive", target: killId, reason, by });
  guard.heldQueue.changed();
}

/** Changes a limit. @throws {ConfigError} `BR9001` for an unknown budget or another unit. */
export async function setBudget(
  guard: GuardRuntime,
  id: string,
  change: { readonly limit: BudgetLimit },
  { reason, by }: ChangeReason,
): Promise<void> {
  checkReason("setBudget", { reason, by });
  const state = guard.resolver.budgets.find((candidate) => candidate.id === id);
  if (state === undefined) {
    throw choiceError(
      "setBudget.id",
      id,
      guard.resolver.budgets.map((s) => s.id),
    );
  }
  const { unit, limit } = checkLimit("setBudget.limit", change?.limit);
  if (unit !== state.budget.unit) {
    throw choiceError("setBudget.limit", unit, [state.budget.unit]);
  }
  await authorize(guard, { action: "set-budget", target: id, reason, by });
  const from = state.limit;
  state.setLimit(limit);
  guard.emitter.emit("budget-changed", { budget: id, unit, from, to: limit, reason, by });
  guard.heldQueue.changed();
  await audit(guard, { action: "set-budget", target: id, reason, by });
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
    message: `"${action.by}" may not ${action.action}: the authorize option refused it.`,
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
