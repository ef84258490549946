import type { GuardRuntime } from "./guard-runtime.ts";

let said = false;

/**
 * Says once in a process that a limit for a day, week or month is forgotten at a restart: whoever
 * writes `$5/day` means the day, not the process.
 */
export function warnIfVolatile({ ledger, options, warnings }: GuardRuntime): void {
  const budget = options.budgets.find(({ window }) => window.kind === "calendar");
  if (said || ledger.durable || budget === undefined) return;
  said = true;
  // A turn later, so that whoever made the guard can listen to its warnings.
  queueMicrotask(() =>
    warnings.once(
      "volatile-store",
      `Budget "${budget.id}" is kept in memory: a restart forgets what was spent, and other processes do not see it. Use a durable store, such as sqliteStore() of @burnrate/store-sqlite.`,
    ),
  );
}
