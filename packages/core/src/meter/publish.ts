import type { CallRecord } from "../call/call-record.ts";
import type { GuardRuntime } from "../guard/guard-runtime.ts";
import type { Exporter } from "../ports/exporter.ts";

/** Tells everyone who listens of a record; `before` is the one that it takes the place of. */
export function publish(guard: GuardRuntime, record: CallRecord, before?: CallRecord): void {
  if (before === undefined) guard.emitter.emit("call-settled", record);
  else guard.emitter.emit("call-corrected", { record, before });
  exportRecord(guard, record, before);
}

/** Hands a record to the exporters. */
export function exportRecord(guard: GuardRuntime, record: CallRecord, before?: CallRecord): void {
  const { exporters } = guard.options;
  if (exporters === undefined) return;
  for (const exporter of exporters) send(guard, exporter, record, before);
}

function send(
  { counters }: GuardRuntime,
  exporter: Exporter,
  record: CallRecord,
  before: CallRecord | undefined,
): void {
  try {
    const returned: unknown =
      before === undefined ? exporter.exportCall(record) : exporter.correctCall?.(record, before);
    // An async function fits the type; its rejection must not end the process.
    if (returned instanceof Promise) returned.catch(() => counters.exporterErrors++);
  } catch {
    counters.exporterErrors++;
  }
}
