import type { CallRecord } from "@burnrate/core";
import { trace } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { prometheusText } from "../prometheus/prometheus-text.ts";
import { script } from "../testing/scripted.ts";
import { CallQueue } from "./call-queue.ts";

const REQUEST = { kind: "model", provider: "openai", name: "gpt-5-mini" } as const;
const USAGE = { inputTokens: 900, outputTokens: 100 };
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function record(id: number): CallRecord {
  return { id: `call-${id}` } as CallRecord;
}

it("counts in order, once, at the latest when somebody reads, and writes a turn later", async () => {
  const done: string[] = [];
  const queue = new CallQueue({
    count: (call) => done.push(`count ${call.record.id}`),
    write: (call) => done.push(`write ${call.record.id}`),
  });
  queue.add(record(1), undefined, undefined);
  queue.add(record(2), record(1), undefined);
  expect(done).toEqual([]);
  queue.count();
  queue.count();
  expect(done).toEqual(["count call-1", "count call-2"]);
  queue.add(record(3), undefined, undefined);
  await nextTurn();
  expect(done.slice(2)).toEqual(["count call-3", "write call-1", "write call-2", "write call-3"]);
  queue.add(record(4), undefined, undefined);
  await nextTurn();
  expect(done.slice(6)).toEqual(["count call-4", "write call-4"]);
});

it("when it is full, counts at once and tells how many calls have no span", () => {
  let counted = 0;
  let written = 0;
  const queue = new CallQueue({ count: () => counted++, write: () => written++ });
  for (let id = 0; id < 3_000; id++) queue.add(record(id), undefined, undefined);
  expect(counted).toBe(3_000 - 2_048);
  queue.drain();
  expect({ counted, written, unwritten: queue.unwritten }).toEqual({
    counted: 3_000,
    written: 2_048,
    unwritten: 3_000 - 2_048,
  });
});

it("goes on behind a call that cannot be counted or written, and tells of it", () => {
  let written = 0;
  const queue = new CallQueue({
    count(call) {
      if (call.record.id === "call-0") throw new Error("no");
    },
    write(call) {
      if (call.record.id === "call-1") throw new Error("no");
      written++;
    },
  });
  for (let id = 0; id < 3; id++) queue.add(record(id), undefined, undefined);
  queue.drain();
  const { countErrors, writeErrors } = queue;
  expect({ countErrors, writeErrors, written }).toEqual({
    countErrors: 1,
    writeErrors: 1,
    written: 2,
  });
});

it("a scrape in the turn of a call has it, with and without spans", async () => {
  for (const options of [{}, { tracer: trace.getTracer("agents") }]) {
    const { guard } = script(options);
    await guard.run(REQUEST, () => ({ value: 1, usage: USAGE }));
    const permit = await guard.begin(REQUEST);
    permit.dispatched();
    void permit.settle({ usage: USAGE });
    expect(prometheusText(guard)).toMatch(/burnrate_calls_total\{[^}]*outcome="success"[^}]*\} 2/);
    await guard.close();
  }
});
