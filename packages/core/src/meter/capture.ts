import type { GuardRuntime } from "../guard/guard-runtime.ts";

/** What the exporters want to remember of where a call begins, in their order; undefined if none does. */
export function capture({ options, counters }: GuardRuntime): readonly unknown[] | undefined {
  const { exporters } = options;
  if (exporters === undefined) return undefined;
  let captured: unknown[] | undefined;
  for (const [index, exporter] of exporters.entries()) {
    if (exporter.captureContext === undefined) continue;
    captured ??= [];
    try {
      captured[index] = exporter.captureContext();
    } catch {
      counters.exporterErrors++;
    }
  }
  return captured;
}
