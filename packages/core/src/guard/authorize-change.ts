import { PolicyDeniedError } from "../errors/policy-denied-error.ts";
import type { ControlAction } from "../ports/authorize.ts";
import { inTime, LATE } from "../ports/in-time.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/** How long `authorize`, and then the audit log, may take. */
const DEADLINE_MS = 10_000;

const FAILED = Symbol("failed");
const ASK_NOBODY =
  " To stop without asking anybody: touch the file .burnrate/kill, or start the process with BURNRATE_KILL=1 (guards of burnrate, or with these as killSources).";

/**
 * Refuses what nobody has allowed. An answer that comes after the deadline is none: whoever asked was
 * told that nothing changed. That goes for kills too, because whoever can make `authorize` hang could
 * otherwise stop everything.
 * @throws {PolicyDeniedError} `BR3001` when the `authorize` option says no, fails, or does not answer
 * within ten seconds.
 */
export async function authorize({ options }: GuardRuntime, action: ControlAction): Promise<void> {
  const { authorize: ask, clock } = options;
  if (ask === undefined) return;
  // A copy: whatever it does with that, the audit log hears of what was really asked for.
  const answer = await inTime(clock, DEADLINE_MS, () => ask({ ...action })).catch(() => FAILED);
  if (answer === true) return;
  const why = answer === false ? "refused it." : notDecided(answer, action);
  throw new PolicyDeniedError({
    message: `"${action.by}" may not ${action.action}: the authorize option ${why}`,
    scope: `authorize:${action.action}`,
    details: { action: action.action, by: action.by },
  });
}

/** Said apart from a no, so that whoever is on call does not look for a rule that is not there. */
function notDecided(answer: unknown, { action }: ControlAction): string {
  let what = "answered neither true nor false";
  if (answer === LATE) what = `did not answer within ${DEADLINE_MS / 1_000} s`;
  if (answer === FAILED) what = "failed";
  return `${what}, and nothing was changed. Mend it, and ask again.${action === "kill" ? ASK_NOBODY : ""}`;
}

/** Hands a change that was made to the audit log; one that fails or hangs is counted. */
export async function audit(
  { options, counters }: GuardRuntime,
  action: ControlAction,
): Promise<void> {
  const { audit: sink, clock } = options;
  if (sink === undefined) return;
  const entry = { ...action, atMs: clock.wallMs() };
  const answer = await inTime(clock, DEADLINE_MS, () => sink.append(entry)).catch(() => LATE);
  if (answer === LATE) counters.auditErrors++;
}
