import type { Guard } from "burnrate";
import { dollars } from "./report.ts";

/** Says each event as it happens, in words. */
export function narrate(guard: Guard, say: (line: string) => void): void {
  guard.on("call-settled", ({ kind, name, outcome, costNanoUsd, usageSource }) => {
    const how = usageSource === "estimated" ? " (estimated: the provider did not say)" : "";
    const cost = costNanoUsd === 0 ? "free" : dollars(costNanoUsd);
    say(`  ${kind} call ${name}: ${outcome}, ${cost}${how}`);
  });
  guard.on("call-refused", ({ kind, name, code }) => {
    say(`  ${kind} call ${name}: refused with ${code}, nothing was sent`);
  });
  guard.on("budget-threshold-crossed", ({ budget, key, fraction }) => {
    say(`  alert: ${fraction * 100} % of budget "${budget}" (${key}) is spent`);
  });
  guard.on("kill-issued", ({ by, reason, level }) => {
    say(`  kill (${level}) recorded, by ${by}: ${reason}`);
  });
  guard.on("warning", ({ message }) => say(`  note: ${message}`));
}
