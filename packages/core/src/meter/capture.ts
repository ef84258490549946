import type { GuardRuntime } from "../guard/guard-runtime.ts";

/**
 * What the exporters want to remember of where a call begins, in their order; undefined if none
 * does.
 */
export function capture({ options, counters }: GuardRuntime): readonly unknown[] | undefined {
  const { exporters } = options;
  if (exporters === undefined) return undefined;
  let captured: unknown[] | undefined;
  for (let index = 0; index < exporters.length; index++) {
    const exporter = exporters[index];
    if (exporter?.captureContext === undefined) continue;
    captured ??= new Array<unknown>(exporters.length);
    try {
      const value = exporter.captureContext();
      captured[index] = value;
      // An async function fits the type; its rejection must not end the process.
      if (value instanceof Promise) value.catch(() => counters.exporterErrors++);
    } catch {
      counters.exporterErrors++;
    }
  }
  return captured;
}
