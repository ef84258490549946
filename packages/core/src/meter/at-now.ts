import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Settlement } from "../ledger/ledger.ts";

/**
 * The end of a call with the time of day where a window rolls: what has left it by now must not
 * cross a threshold, though nobody has used the account since.
 */
export function atNow(call: GuardedCall, guard: GuardRuntime, end: Settlement): Settlement {
  const accounts = call.plan?.accounts ?? [];
  for (const { ref } of accounts) {
    if (ref.window.kind === "rolling") return { ...end, atMs: guard.nowMs() };
  }
  return end;
}
