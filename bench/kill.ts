import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuard } from "burnrate";
import type { WorkerNews } from "./kill-worker.ts";
import { type Measured, quick, toMeasured } from "./measure.ts";
import { openStore, type StorePlace } from "./open-store.ts";
import { type Server, startPostgres, startRedis } from "./servers.ts";
import { quantile } from "./store-rows.ts";

const KILLS = quick ? 10 : 100;
const PROCESSES = 4;
const WHY = { reason: "to see how long it takes", by: "bench" } as const;
const SCRIPT = new URL("./kill-worker.ts", import.meta.url);

/** A process that makes calls all the time. */
class Worker {
  readonly process: ChildProcess;

  constructor(place: StorePlace) {
    this.process = fork(SCRIPT, [JSON.stringify(place)]);
  }

  /** Its next news of this kind. */
  async hear<K extends WorkerNews["kind"]>(kind: K): Promise<WorkerNews & { readonly kind: K }> {
    for (;;) {
      const [news] = (await once(this.process, "message")) as [WorkerNews];
      if (news.kind === kind) return news as WorkerNews & { readonly kind: K };
    }
  }

  async end(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}

interface Times {
  /** Milliseconds until a process made no call any more, for each kill and process. */
  readonly stopped: number[];
  /** Milliseconds until the receipt, for each kill. */
  readonly receipt: number[];
}

/** Stops four busy processes again and again. */
async function killOften(place: StorePlace): Promise<Times> {
  const workers = Array.from({ length: PROCESSES }, () => new Worker(place));
  const { store, end } = await openStore(place);
  const guard = createGuard({ budgets: ["$1000000/day"], store });
  try {
    await Promise.all([guard.budgets(), ...workers.map((worker) => worker.hear("busy"))]);
    const times: Times = { stopped: [], receipt: [] };
    for (let kill = 0; kill < KILLS; kill++) {
      const stopping = workers.map((worker) => worker.hear("stopped"));
      const startedNs = process.hrtime.bigint();
      const receipt = await guard.kill("everything", { ...WHY, level: "abort" });
      times.receipt.push(Number(process.hrtime.bigint() - startedNs) / 1e6);
      if (receipt.missing.length > 0) throw new Error(`no answer: ${receipt.missing}`);
      for (const { atNs } of await Promise.all(stopping)) {
        times.stopped.push(Number(BigInt(atNs) - startedNs) / 1e6);
      }
      const working = workers.map((worker) => worker.hear("busy"));
      await guard.revive(receipt.id, WHY);
      await Promise.all(working);
    }
    return times;
  } finally {
    for (const worker of workers) await worker.end();
    await guard.close();
    await end();
  }
}

async function measureStore(place: StorePlace): Promise<Measured[]> {
  const times = await killOften(place);
  const row = (name: string, of: keyof Times, part: number, target?: string): Measured =>
    toMeasured(name, "ms", [quantile(times[of], part)], target);
  return [
    row(`${place.kind}: a kill stops ${PROCESSES} busy processes, 50th percentile`, "stopped", 0.5),
    row("  99th percentile", "stopped", 0.99, "≤ 50"),
    row("  until the receipt names them all, 99th percentile", "receipt", 0.99),
  ];
}

async function onServer(kind: "redis" | "postgres", start: () => Promise<Server>) {
  const server = await start();
  try {
    return await measureStore({ kind, at: server.url });
  } finally {
    await server.stop();
  }
}

/** From `guard.kill()` to the instant at which each of the other processes has stopped. */
export async function measureKill(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-"));
  try {
    return [
      ...(await measureStore({ kind: "sqlite", at: join(folder, "state.db") })),
      ...(await onServer("redis", startRedis)),
      ...(await onServer("postgres", startPostgres)),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
