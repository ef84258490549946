import { AsyncLocalStorage } from "node:async_hooks";
import { expect, it, vi } from "vitest";
import type { CallRecord } from "../call/call-record.ts";
import type { Exporter } from "../ports/exporter.ts";
import { createGuard } from "./create-guard.ts";
import type { Guard } from "./guard.ts";

const CALL = { kind: "tool", name: "search" } as const;

it("an exporter gets back what it captured where each call began, under concurrency", async () => {
  const place = new AsyncLocalStorage<string>();
  const seen: [CallRecord, unknown][] = [];
  const exporter: Exporter = {
    name: "tracing",
    captureContext: () => place.getStore(),
    exportCall(record, captured) {
      seen.push([record, captured]);
    },
  };
  const guard = createGuard({ exporters: [{ name: "plain", exportCall() {} }, exporter] });
  const permits = ["a", "b"].map((name) => place.run(name, () => guard.begin(CALL)));
  for (const permit of (await Promise.all(permits)).reverse()) await permit.settle();
  expect(seen.map(([, captured]) => captured)).toEqual(["b", "a"]);
});

it("a refused call reaches the exporter with what was captured where it was asked for", async () => {
  const seen: unknown[] = [];
  const guard = createGuard({
    budgets: ["1 call/day"],
    exporters: [
      {
        name: "tracing",
        captureContext: () => "here",
        exportCall({ outcome }, captured) {
          seen.push([outcome, captured]);
        },
      },
    ],
  });
  await (await guard.begin(CALL)).settle();
  await expect(guard.begin(CALL)).rejects.toMatchObject({ code: "BR2001" });
  expect(seen).toEqual([
    ["success", "here"],
    ["refused", "here"],
  ]);
});

const noContext = (): never => {
  throw new Error("no context manager");
};

it.each([
  ["throws", noContext],
  ["rejects", async () => noContext()],
])("an exporter whose capture %s is counted, and the call goes on", async (_, captureContext) => {
  const exportCall = vi.fn();
  const guard = createGuard({ exporters: [{ name: "broken", captureContext, exportCall }] });
  await (await guard.begin(CALL)).settle();
  expect(exportCall).toHaveBeenCalledOnce();
  expect(guard.metrics().dropped.exporterErrors).toBe(1);
});

it("an exporter hears of its guard before the first call", () => {
  const attached: Guard[] = [];
  const guard = createGuard({
    exporters: [{ name: "x", attach: (given) => void attached.push(given), exportCall() {} }],
  });
  expect(attached).toEqual([guard]);
});

it("an exporter hears once that its guard is closed, after everything else", async () => {
  const heard: string[] = [];
  const guard: Guard = createGuard({
    exporters: [
      { name: "broken", exportCall() {}, detach: () => expect.fail("a broken exporter") },
      {
        name: "x",
        exportCall: () => heard.push("call"),
        close: () => void heard.push("close"),
        detach: (given) => heard.push(given === guard ? "detach" : "another"),
      },
    ],
  });
  await (await guard.begin(CALL)).settle();
  await Promise.all([guard.close(), guard.close()]);
  await guard.close();
  expect(heard).toEqual(["call", "close", "detach"]);
  expect(guard.metrics().dropped.exporterErrors).toBe(1);
});
