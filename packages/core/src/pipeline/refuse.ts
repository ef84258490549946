import type { GuardedCall } from "../call/guarded-call.ts";
import { errorFromRefusal } from "../errors/error-from-refusal.ts";
import type { GuardError } from "../errors/guard-error.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import { exportRecord } from "../meter/publish.ts";
import { toRefusedRecord } from "../meter/to-record.ts";
import type { Refusal } from "./refusal.ts";

/** Counts a refusal, tells everyone who listens, and makes the error that the caller gets. */
export function refuse(guard: GuardRuntime, call: GuardedCall, refusal: Refusal): GuardError {
  const error = errorFromRefusal(refusal);
  const { id, kind, provider, name, model, context, purpose } = call;
  const { code } = refusal;
  guard.counters.refused++;
  const atMs = call.startedAtMs;
  guard.sli.recordRefusal({ kind, name, model, context, purpose, code, atMs });
  guard.emitter.emit("call-refused", { id, kind, provider, name, context, error, code });
  if (guard.options.exporters !== undefined) {
    exportRecord(guard, call, toRefusedRecord(call, guard, code));
  }
  return error;
}
