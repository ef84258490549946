import type { CallRecord } from "../call/call-record.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { GateHold } from "../ports/gate.ts";

/** What gates handed out for a call, the newest first. */
export interface GateHolds {
  readonly hold: GateHold;
  readonly before: GateHolds | undefined;
}

/**
 * Gives back what gates handed out, the oldest first. One that throws must not stand between a call
 * and its end.
 */
export function releaseGates(
  { hold, before }: GateHolds,
  guard: GuardRuntime,
  record: CallRecord | undefined,
  endedMs: number | undefined,
): void {
  if (before !== undefined) releaseGates(before, guard, record, endedMs);
  try {
    const released: unknown = hold.release(record, endedMs);
    // An async function fits the type; its rejection must not end the process.
    if (released instanceof Promise) released.catch(() => failed(guard));
  } catch {
    failed(guard);
  }
}

function failed({ warnings }: GuardRuntime): void {
  warnings.once("gate-release-failed", "A gate failed to take back what it handed out.");
}
