import type { BudgetUnit } from "../ledger/ledger.ts";
import type { BudgetDimension } from "./budget.ts";

/** What to do about calls that lack what a budget or limit is split by. */
export function noneRemedy(dimension: BudgetDimension, unit?: BudgetUnit): string {
  if (dimension === "tool" && unit === "tokens") {
    return "Tools use no tokens: split it by something else, or limit dollars or calls.";
  }
  switch (dimension) {
    case "model":
    case "tool":
      return `Have it cover ${dimension} calls alone: match: { kind: "${dimension}" }.`;
    case "provider":
      return "Name the provider in the request of the call.";
    default:
      return `Set ${dimension} with guard.with or guard.task.`;
  }
}

/** The same in the refusal of an account that such calls share; nothing for any other account. */
export function sharedAccountRemedy(key: string, unit?: BudgetUnit): string {
  const dimension = /(?:^|,)([a-z]+)=\(none\)(?=,|$)/.exec(key)?.[1] as BudgetDimension | undefined;
  if (dimension === undefined) return "";
  return ` Calls without ${dimension} share this account. ${noneRemedy(dimension, unit)}`;
}
