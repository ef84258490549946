import type { CallRecord } from "../call/call-record.ts";
import type { GuardedCall } from "../call/guarded-call.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Exporter } from "../ports/exporter.ts";

/** Tells everyone who listens of a record; `before` is the one that it takes the place of. */
export function publish(
  guard: GuardRuntime,
  call: GuardedCall,
  record: CallRecord,
  before?: CallRecord,
): void {
  if (before === undefined) guard.emitter.emit("call-settled", record);
  else guard.emitter.emit("call-corrected", { record, before });
  // One that was refused right before it was sent they have already.
  if (!call.refused) exportRecord(guard, call, record, before);
}

/** Hands a record to the exporters, each with what it captured where the call began. */
export function exportRecord(
  guard: GuardRuntime,
  { captured }: GuardedCall,
  record: CallRecord,
  before?: CallRecord,
): void {
  const { exporters } = guard.options;
  if (exporters === undefined) return;
  for (let index = 0; index < exporters.length; index++) {
    send(guard, exporters[index] as Exporter, record, before, captured?.[index]);
  }
}

function send(
  { counters }: GuardRuntime,
  exporter: Exporter,
  record: CallRecord,
  before: CallRecord | undefined,
  captured: unknown,
): void {
  try {
    const returned: unknown =
      before === undefined
        ? exporter.exportCall(record, captured)
        : exporter.correctCall?.(record, before, captured);
    // An async function fits the type; its rejection must not end the process.
    if (returned instanceof Promise) returned.catch(() => counters.exporterErrors++);
  } catch {
    counters.exporterErrors++;
  }
}
