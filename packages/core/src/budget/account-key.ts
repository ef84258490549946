import type { Budget } from "./budget.ts";

/** The key of a budget's only account. */
export const SINGLE_KEY = "*";

/** Of an account that a dimension and a task or session name together: no name reads as two. */
export function accountKey(per: string, value: string, spanKind: string, span: string): string {
  const name = /[\\,]/.test(value) ? value.replace(/[\\,]/g, "\\$&") : value;
  return `${per}=${name},${spanKind}=${span}`;
}

/** What a budget's keys in the ledger begin with: never what those of another one begin with. */
export function ledgerPrefix(budgetId: string): string {
  const name = /[\\|]/.test(budgetId) ? budgetId.replace(/[\\|]/g, "\\$&") : budgetId;
  return `${name}|`;
}

/** What a budget's keys look like: `*`, `user=…`, `session=…` or `user=…,session=…`. */
export function keyPattern({ per, window }: Budget): string {
  const span = window.kind === "task" || window.kind === "session" ? [window.kind] : [];
  const names = per === undefined ? span : [per, ...span];
  return names.length === 0 ? SINGLE_KEY : names.map((name) => `${name}=…`).join(",");
}

/** Whether the keys of a budget end in a task. */
export function isSplitByTask(budget: Budget): boolean {
  return keyPattern(budget).endsWith("task=…");
}

/** Whether a key is one that calls of the budget can have. */
export function isAccountKey(budget: Budget, key: string): boolean {
  const pattern = keyPattern(budget);
  if (pattern === SINGLE_KEY) return key === SINGLE_KEY;
  const [first = "", second = ""] = pattern.split("…");
  return key.startsWith(first) && key.length > first.length && key.includes(second);
}
