import type { GuardRuntime } from "./guard-runtime.ts";

let printed = false;

/**
 * Says that a limit for a day, week or month is forgotten at a restart: whoever writes `$5/day`
 * means the day, not the process. Each guard tells its listeners; without any it is printed once in
 * a process, for all guards.
 */
export function warnIfVolatile({ emitter, ledger, options, warnings }: GuardRuntime): void {
  const budget = options.budgets.find(({ window }) => window.kind === "calendar");
  if (ledger.durable || budget === undefined) return;
  // A turn later, so that whoever made the guard can listen to its warnings.
  queueMicrotask(() => {
    const heard = emitter.has("warning");
    if (!heard && printed) return;
    printed ||= !heard;
    warnings.once(
      "volatile-store",
      `Budget "${budget.id}" is kept in memory: a restart forgets what was spent, and other processes do not see it. Use a durable store, such as sqliteStore() of @burnrate/store-sqlite.`,
    );
  });
}
