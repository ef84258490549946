import type { BudgetDimension } from "./budget.ts";

/** What to do about calls that lack what a budget or limit is split by. */
export function noneRemedy(dimension: BudgetDimension): string {
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
