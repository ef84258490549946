import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createGuard, createMemoryStore, type Guard } from "@burnrate/core";
import { expect, it, vi } from "vitest";
import { type OtelExporter, otelExporter } from "../otel-exporter.ts";
import { prometheusText } from "../prometheus/prometheus-text.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const GUARDS = 1_000;

/** How many tools did well, as a scrape sees it. */
function goodTools(guard: Guard): number {
  const line = /^burnrate_sli_events_total\{sli="tool_call_success",.*outcome="good"\} (\d+)$/m;
  return Number(line.exec(prometheusText(guard))?.[1]);
}

/** Comes, calls a tool, and goes; what is left is a way to see whether it is still there. */
async function comeAndGo(exporter: OtelExporter): Promise<WeakRef<Guard>> {
  const guard = createGuard({ budgets: ["10 calls/day"], exporters: [exporter] });
  await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  await guard.close();
  return new WeakRef(guard);
}

it("of guards that come and go an exporter keeps what they counted, and nothing else", async () => {
  const exporter = otelExporter({ labels: [] });
  const staying = createGuard({ exporters: [exporter] });
  const gone: WeakRef<Guard>[] = [];
  for (let index = 0; index < GUARDS; index++) gone.push(await comeAndGo(exporter));
  await vi.waitFor(() => {
    collectGarbage();
    expect(gone.filter((guard) => guard.deref() !== undefined)).toHaveLength(0);
  });
  expect(goodTools(staying)).toBe(GUARDS);
  expect(prometheusText(staying)).toMatch(new RegExp(`burnrate_calls_total\\{.*\\} ${GUARDS}`));
});

it("a scrape asks no closed guard for balances", async () => {
  const exporter = otelExporter();
  const [closed, open] = [0, 1].map(() => {
    return createGuard({ budgets: ["10 calls/day"], exporters: [exporter] });
  });
  const [ofClosed, ofOpen] = [closed, open].map((guard) => vi.spyOn(guard as Guard, "budgets"));
  await closed?.close();
  await exporter.producer.collect();
  expect(ofClosed).not.toHaveBeenCalled();
  expect(ofOpen).toHaveBeenCalledOnce();
});

it("a guard that is closed twice is counted once", async () => {
  const exporter = otelExporter({ labels: [] });
  const staying = createGuard({ exporters: [exporter] });
  const guard = createGuard({ exporters: [exporter] });
  await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  await Promise.all([guard.close(), guard.close()]);
  expect(goodTools(staying)).toBe(1);
});

it("a kill of two guards that share a store is one kill", async () => {
  const store = createMemoryStore();
  const exporter = otelExporter();
  const guards = [0, 1].map(() => createGuard({ store, exporters: [exporter] }));
  for (const guard of guards)
    await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  await guards[0]?.kill({ agent: "support" }, { reason: "test", by: "me" });
  await vi.waitFor(() => expect(guards[1]?.kills()).toHaveLength(1));
  expect(prometheusText(guards[0] as Guard)).toMatch(/^burnrate_kills_active 1$/m);
  for (const guard of guards) await guard.close();
});
