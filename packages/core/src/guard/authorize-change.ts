import { PolicyDeniedError } from "../errors/policy-denied-error.ts";
import type { ControlAction } from "../ports/authorize.ts";
import type { GuardRuntime } from "./guard-runtime.ts";

/** @throws {PolicyDeniedError} `BR3001` when the `authorize` option says no, or fails. */
export async function authorize({ options }: GuardRuntime, action: ControlAction): Promise<void> {
  if (options.authorize === undefined) return;
  let allowed = false;
  try {
    allowed = (await options.authorize(action)) === true;
  } catch {
    allowed = false;
  }
  if (allowed) return;
  throw new PolicyDeniedError({
    message: `"${action.by}" may not ${action.action}: the authorize option refused it.`,
    scope: `authorize:${action.action}`,
    details: { action: action.action, by: action.by },
  });
}

/** Hands a change that was made to the audit log; one that fails is counted. */
export async function audit(
  { options, counters }: GuardRuntime,
  action: ControlAction,
): Promise<void> {
  try {
    await options.audit?.append({ ...action, atMs: options.clock.wallMs() });
  } catch {
    counters.auditErrors++;
  }
}
