import type { GuardedCall } from "../call/guarded-call.ts";
import { errorFromRefusal } from "../errors/error-from-refusal.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { exportRecord } from "../meter/publish.ts";
import { toRefusedRecord } from "../meter/to-record.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";

/** Counts a refusal, tells everyone who listens, and makes the error that the caller gets. */
export function refuse(guard: GuardRuntime, call: GuardedCall, refusal: Refusal): GuardError {
  const error = errorFromRefusal(refusal);
  tellRefusal(guard, call, error, refusal.code);
  return error;
}

/** Counts a refusal that is an error already, such as a store's own, and tells everyone. */
export function tellRefusal(
  guard: GuardRuntime,
  call: GuardedCall,
  error: GuardError,
  code: RefusalCode,
): void {
  call.refused = true;
  const { id, kind, provider, name, model, context, purpose } = call;
  guard.counters.refused++;
  const atMs = guard.options.clock.wallMs(); // an approver may have thought for hours
  guard.sli.recordRefusal({ kind, name, model, context, purpose, code, atMs });
  guard.emitter.emit("call-refused", { id, kind, provider, name, context, error, code });
  if (guard.options.exporters !== undefined) {
    exportRecord(guard, call, toRefusedRecord(call, guard, code));
  }
}
