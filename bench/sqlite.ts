import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { createGuard, type Guard, sqliteStore } from "burnrate";
import { THREE_BUDGETS } from "./guards.ts";
import { type Measured, quick, toMeasured } from "./measure.ts";
import { openBare, type Sums } from "./sqlite-bare.ts";
import type { BareOrder } from "./sqlite-worker.ts";
import { type Bare, measureLeased, measurePairs } from "./store-rows.ts";

const RUNS = 7;

/** Bare batches in the thread of whoever asks. */
function bareHere(name: string, path: string, sums: Sums): Bare & { close(): void } {
  const database = openBare(path, sums);
  return {
    name,
    run(ids) {
      database.hold(ids);
      database.end(ids);
    },
    close: () => database.close(),
  };
}

/** Sums once a batch, in a thread of its own, asked and answered by message as ours is. */
function bareInThread(path: string): Bare & { close(): Promise<unknown> } {
  const worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData: path });
  const ask = async (order: BareOrder): Promise<void> => {
    worker.postMessage(order);
    await once(worker, "message");
  };
  return {
    name: "leaner, in a thread of its own",
    async run(ids) {
      await ask({ kind: "hold", ids });
      await ask({ kind: "end", ids });
    },
    close: () => worker.terminate(),
  };
}

/** How long the file is locked at a time, every two of them, as a disk that hangs would do. */
const STALL_MS = 250;
const CALLERS = 100;

/** Locks the file time and again until it is told to end. */
function stalls(path: string): () => void {
  const database = new DatabaseSync(path);
  const lock = (): void => {
    try {
      database.exec("begin immediate");
    } catch {
      return; // the store is writing at this moment
    }
    setTimeout(() => database.exec("commit"), STALL_MS);
  };
  const timer = setInterval(lock, 2 * STALL_MS);
  return () => {
    clearInterval(timer);
    setTimeout(() => database.close(), 2 * STALL_MS);
  };
}

/** How late timers were, and the longest collection of garbage meanwhile, in milliseconds. */
interface Lateness {
  readonly p99: number;
  readonly max: number;
  readonly collecting: number;
}

/**
 * How late timers of a millisecond were while many calls were made at once; without a guard, while
 * the same callers only waited.
 */
async function latenessOf(guard: Guard | undefined): Promise<Lateness> {
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const request = { kind: "model", provider: "openai", name: "gpt-5", estimate } as const;
  const untilMs = performance.now() + (quick ? 600 : 1_500);
  const caller = async (): Promise<void> => {
    while (performance.now() < untilMs) {
      const permit = await guard?.begin(request);
      permit?.dispatched();
      await new Promise((resolve) => setTimeout(resolve, 2));
      await permit?.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
    }
  };
  let collecting = 0;
  const collections = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collecting = Math.max(collecting, duration);
  });
  collections.observe({ entryTypes: ["gc"] });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  delay.disable();
  await new Promise((resolve) => setImmediate(resolve)); // the observer is told of the last ones
  collections.disconnect();
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
  return { p99: late(delay.percentile(99)), max: late(delay.max), collecting };
}

/**
 * How late the event loop is with calls that spend from leases, while the disk hangs half of the
 * time. The controls take turns with them: the same calls on a store in memory, and the same
 * callers without calls, who are as late as this machine and its garbage collector make them.
 */
async function eventLoop(folder: string): Promise<Measured[]> {
  const path = join(folder, "loop.db");
  const memory = createGuard(THREE_BUDGETS);
  const ours = createGuard({ ...THREE_BUDGETS, store: sqliteStore({ path }) });
  await latenessOf(ours);
  await latenessOf(memory);
  const end = stalls(path);
  const runs: { ours: Lateness; memory: Lateness; idle: Lateness }[] = [];
  for (let run = 0; run < RUNS; run++) {
    runs.push({
      ours: await latenessOf(ours),
      memory: await latenessOf(memory),
      idle: await latenessOf(undefined),
    });
  }
  end();
  await Promise.all([ours.close(), memory.close()]);
  const each = (figure: (run: (typeof runs)[number]) => number): number[] => runs.map(figure);
  const what = `event loop late, ${CALLERS} calls at once, disk hangs`;
  return [
    toMeasured(
      `${what}: 99th percentile`,
      "ms",
      each(({ ours }) => ours.p99),
      "≤ 5",
    ),
    toMeasured(
      "  longest",
      "ms",
      each(({ ours }) => ours.max),
    ),
    toMeasured(
      "  longest collection of garbage meanwhile",
      "ms",
      each((run) => run.ours.collecting),
    ),
    toMeasured(
      "  control: longest of the same calls in memory",
      "ms",
      each((run) => run.memory.max),
    ),
    toMeasured(
      "  control: longest without any call",
      "ms",
      each(({ idle }) => idle.max),
    ),
    toMeasured(
      "  longest beyond that of the calls in memory",
      "ms",
      each(({ ours, memory: control }) => ours.max - control.max),
      "≤ 5",
    ),
  ];
}

/** Exact reservations and their ends, in batches, beside a bare batch insert. */
async function batched(folder: string): Promise<Measured[]> {
  const each = "bare batch insert of the same rows on the same disk";
  const bare = bareHere(each, join(folder, "bare.db"), "reservation");
  const leaner = bareHere("leaner: sums once a batch", join(folder, "leaner.db"), "batch");
  const inThread = bareInThread(join(folder, "thread.db"));
  try {
    const exact = sqliteStore({ path: join(folder, "exact.db") });
    return await measurePairs("durability full", exact, bare, leaner, inThread);
  } finally {
    bare.close();
    leaner.close();
    await inThread.close();
  }
}

/** The SQLite store: spending from leases, and asking it for every call. */
export async function measureSqlite(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-"));
  try {
    return [
      ...(await measureLeased(sqliteStore({ path: join(folder, "leases.db") }))),
      ...(await batched(folder)),
      ...(await eventLoop(folder)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
