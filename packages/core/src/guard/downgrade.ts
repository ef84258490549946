import {
  checkFunction,
  checkObject,
  checkString,
  refuseUnknownKeys,
} from "../config/check-object.ts";
import { checkKillTarget, checkReason } from "../kill/check-kill.ts";
import type { KillTarget } from "../kill/kill-scope.ts";
import type { Downgrade, DowngradeOptions, DowngradeRule } from "../pipeline/downgrades.ts";
import { audit, authorize } from "./authorize-change.ts";
import type { Guard } from "./guard.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/** Makes `guard.downgrade`: a rule where there is a `when`, else somebody's word. */
export function createDowngrade(guard: GuardRuntime): Guard["downgrade"] {
  function downgrade(target: KillTarget, rule: DowngradeRule): () => void;
  function downgrade(target: KillTarget, options: DowngradeOptions): Promise<Downgrade>;
  function downgrade(
    target: KillTarget,
    options: DowngradeOptions | DowngradeRule,
  ): (() => void) | Promise<Downgrade> {
    const isRule = typeof options === "object" && options !== null && "when" in options;
    return isRule ? follow(guard, target, options) : issue(guard, target, options);
  }
  return downgrade;
}

/** Puts a rule in force that asks for another model from call to call. */
function follow(guard: GuardRuntime, target: KillTarget, rule: DowngradeRule): () => void {
  const [scope, wanted] = check(target, rule, ["key", "reason", "by", "when"]);
  checkFunction("downgrade.when", rule.when);
  const end = guard.downgrades.add(scope, wanted, rule.when);
  return () => void end();
}

/** Has another model called for what the target covers, by somebody's word. */
async function issue(
  guard: GuardRuntime,
  target: KillTarget,
  options: DowngradeOptions,
): Promise<Downgrade> {
  const [scope, wanted] = check(target, options, ["key", "reason", "by"]);
  const change = { action: "downgrade" as const, target: scope, ...wanted };
  await authorize(guard, change);
  const end = guard.downgrades.add(scope, wanted, undefined);
  guard.emitter.emit("downgrade-issued", { target: scope, ...wanted });
  await audit(guard, change);
  return {
    async revoke(given) {
      const why = checkReason("revoke", given);
      const back = {
        action: "revoke-downgrade" as const,
        target: scope,
        key: wanted.key,
        reason: why.reason,
        by: why.by,
      };
      await authorize(guard, back);
      if (!end()) return;
      const { action: _, ...event } = back;
      guard.emitter.emit("downgrade-revoked", event);
      await audit(guard, back);
    },
  };
}

function check(
  target: KillTarget,
  options: DowngradeOptions,
  names: readonly string[],
): readonly [KillTarget, DowngradeOptions] {
  const given = checkObject("downgrade", options);
  refuseUnknownKeys("downgrade", given, names);
  const key = checkString("downgrade.key", given["key"]);
  const reason = checkString("downgrade.reason", given["reason"], 1_000);
  const by = checkString("downgrade.by", given["by"], 1_000);
  return [checkKillTarget(target), { key, reason, by }];
}
