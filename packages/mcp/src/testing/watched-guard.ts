import { setImmediate } from "node:timers/promises";
import { type CallRecord, createGuard, type Guard, type GuardError } from "@burnrate/core";

const MAX_POLLS = 100_000;

/** A guard that remembers what happened. */
export interface WatchedGuard {
  readonly guard: Guard;
  readonly records: readonly CallRecord[];
  readonly refused: readonly GuardError[];
}

export function watchedGuard(options: Parameters<typeof createGuard>[0] = {}): WatchedGuard {
  const guard = createGuard({ budgets: ["$5/day"], ...options });
  const records: CallRecord[] = [];
  const refused: GuardError[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("call-refused", ({ error }) => refused.push(error));
  return { guard, records, refused };
}

/** What is held and spent, in nano-dollars. */
export async function money(guard: Guard): Promise<{ held: number; spent: number }> {
  const [budget] = await guard.budgets();
  return { held: budget?.held ?? 0, spent: (budget?.settled ?? 0) + (budget?.unknown ?? 0) };
}

/** Kills everything, as the person on call would. */
export async function killAll(guard: Guard, level: "stop" | "abort" = "stop"): Promise<void> {
  await guard.kill("everything", { reason: "test", by: "test", level });
}

/** Waits for a condition without knowing how long that takes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    if (await condition()) return;
    await setImmediate();
  }
  throw new Error(`Never happened: ${condition}`);
}

/** Runs something that must fail, and gives what it threw. */
export async function thrownBy(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}
