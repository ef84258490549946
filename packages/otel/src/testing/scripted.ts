import {
  createGuard,
  type Guard,
  type GuardOptions,
  type Permit,
  type Usage,
} from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { createPriceBook } from "@burnrate/pricing";
import { type OtelExporter, type OtelExporterOptions, otelExporter } from "../otel-exporter.ts";

/** How a scripted call goes. */
export interface ScriptedCall {
  readonly usage?: Usage;
  readonly latencyMs?: number;
  readonly firstTokenMs?: number;
  /** What it fails with. */
  readonly error?: unknown;
  /** The MCP server that owns the tool. */
  readonly server?: string;
}

/** A guard on a fake clock with an exporter, and short ways to make calls. */
export interface Scripted {
  readonly guard: Guard;
  readonly clock: FakeClock;
  readonly exporter: OtelExporter;
  model(name?: string, how?: ScriptedCall): Promise<void>;
  tool(name: string, how?: ScriptedCall): Promise<void>;
}

/** Makes a guard that tells an exporter everything. */
export function script(
  options: OtelExporterOptions = {},
  guardOptions: GuardOptions = {},
  clock: FakeClock = createFakeClock(),
): Scripted {
  const exporter = otelExporter({ clock, ...options });
  const guard = createGuard({
    prices: createPriceBook(),
    clock,
    ...guardOptions,
    exporters: [exporter],
  });
  const call = async (
    request: Parameters<Guard["begin"]>[0],
    { usage, latencyMs = 0, firstTokenMs, error }: ScriptedCall,
  ): Promise<void> => {
    const permit = await guard.begin(request);
    permit.dispatched();
    if (firstTokenMs !== undefined) {
      clock.advance(firstTokenMs);
      permit.progress({ outputTokens: 1 });
    }
    clock.advance(latencyMs - (firstTokenMs ?? 0));
    if (error === undefined) await permit.settle({ ...(usage && { usage }) });
    else await permit.fail(error);
  };
  return {
    guard,
    clock,
    exporter,
    model: (name = "gpt-5", how = {}) =>
      call(
        { kind: "model", provider: "openai.responses", name },
        { usage: { inputTokens: 900, outputTokens: 100 }, ...how },
      ),
    tool: (name, how = {}) =>
      call({ kind: "tool", name, ...(how.server !== undefined && { provider: how.server }) }, how),
  };
}

/** A call that was sent five seconds ago and has not ended: the sweeper may have given it up. */
export async function begunTooLongAgo({ guard, clock }: Scripted): Promise<Permit> {
  const permit = await guard.begin({
    kind: "model",
    provider: "openai",
    name: "gpt-5",
    estimate: { inputTokens: 1_000, maxOutputTokens: 1_000 },
  });
  permit.dispatched();
  clock.advance(5_000);
  return permit;
}
