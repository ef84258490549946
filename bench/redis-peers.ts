import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type Measured, quick, toMeasured } from "./measure.ts";
import { TOKEN_USD } from "./peers/provider.ts";
import { PEERS, type PeerName, type PeerSetup } from "./redis-contenders.ts";
import type { PeerOrder } from "./redis-worker.ts";
import { startRedis } from "./servers.ts";

const RUNS = 1;
const PROCESSES = 4;
const CALLS = quick ? 2_000 : 10_000;
const IN_A_ROW = quick ? 200 : 2_000;
const LIMIT_USD = 1;
const SCRIPT = new URL("./redis-worker.ts", import.meta.url);

/** About a cent is held, 0.7 of it used. */
const CALL = { bound: 1_000, used: 700, thinksMs: 5 } as const;
/** Spends half of the limit. */
const HALF = { bound: 50_000, used: 50_000, thinksMs: 0 } as const;
/** More than the other half. */
const BIG = { bound: 60_000, used: 60_000, thinksMs: 0 } as const;
const SMALL_CALLS = 20;

type Work = Pick<PeerOrder, "calls" | "call">;

/** Processes that spend from one limit. */
class Fleet {
  readonly #workers = Array.from({ length: PROCESSES }, () => fork(SCRIPT));
  readonly #ends = this.#workers.map((worker) => once(worker, "exit"));

  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => once(worker, "message")));
  }

  /** How many calls were let through; a process for each work, all at once. */
  async make(peer: PeerName, setup: PeerSetup, works: readonly Work[]): Promise<number[]> {
    return await Promise.all(
      works.map(async (work, at) => {
        const worker = this.#workers[at] as ChildProcess;
        const answered = once(worker, "message");
        worker.send({ peer, setup, ...work } satisfies PeerOrder);
        const [admitted] = (await Promise.race([answered, this.#ends[at]])) as [number];
        if (worker.exitCode !== null) throw new Error(`a process of ${peer} has failed`);
        return admitted;
      }),
    );
  }

  async end(): Promise<void> {
    for (const worker of this.#workers) worker.kill("SIGKILL");
    await Promise.all(this.#ends);
  }
}

/** Thousands of calls at once: dollars spent, and calls that the rest would have paid for. */
async function burst(
  fleet: Fleet,
  name: PeerName,
  setup: PeerSetup,
): Promise<{ readonly usd: number; readonly unused: number }> {
  const work = { calls: CALLS / PROCESSES, call: CALL };
  const works = Array.from({ length: PROCESSES }, () => work);
  const admitted = await fleet.make(name, setup, works);
  const tokens = admitted.reduce((sum, count) => sum + count, 0) * CALL.used;
  const left = Math.round(LIMIT_USD / TOKEN_USD) - tokens;
  return { usd: tokens * TOKEN_USD, unused: Math.max(0, Math.floor(left / CALL.bound)) };
}

/** Small calls that fit whatever happens, while other processes ask for more than is left. */
async function refusedBesideBig(fleet: Fleet, name: PeerName, setup: PeerSetup): Promise<number> {
  await fleet.make(name, setup, [{ calls: 1, call: HALF }]);
  const small = { calls: SMALL_CALLS / 2, call: CALL };
  const big = { calls: 100, call: BIG };
  const [, first = 0, , second = 0] = await fleet.make(name, setup, [big, small, big, small]);
  return SMALL_CALLS - first - second;
}

/** Microseconds of a call, one after another, far from the limit. */
async function microsInARow(name: PeerName, setup: PeerSetup): Promise<number> {
  const peer = await PEERS[name]({ ...setup, limitUsd: 1_000_000 });
  const call = { ...CALL, thinksMs: 0 };
  try {
    for (let warmUp = 0; warmUp < IN_A_ROW / 10; warmUp++) await peer.call(call);
    const startedMs = performance.now();
    for (let made = 0; made < IN_A_ROW; made++) await peer.call(call);
    return ((performance.now() - startedMs) * 1_000) / IN_A_ROW;
  } finally {
    await peer.close();
  }
}

async function measurePeer(fleet: Fleet, url: string, name: PeerName): Promise<Measured[]> {
  const runs = { over: [], unused: [], beside: [], micros: [] } as Record<string, number[]>;
  for (let run = 0; run < RUNS; run++) {
    const setup = (trial: string): PeerSetup => {
      const id = `${name}-${trial}-${run}`.replace(/[^a-z0-9-]/g, "");
      return { url, name: id, limitUsd: LIMIT_USD };
    };
    const { usd, unused } = await burst(fleet, name, setup("burst"));
    runs["over"]?.push(Math.max(0, usd - LIMIT_USD));
    runs["unused"]?.push(unused);
    runs["beside"]?.push(await refusedBesideBig(fleet, name, setup("beside")));
    runs["micros"]?.push(await microsInARow(name, setup("row")));
  }
  const isOurs = name === "burnrate";
  const row = (what: string, unit: string, of: string, target?: string): Measured =>
    toMeasured(what, unit, runs[of] ?? [], isOurs ? target : undefined);
  return [
    row(`${name}: ${CALLS.toLocaleString("en-US")} calls at once, over $1`, "$", "over", "0"),
    row("  refused at the end though the rest would have paid", "calls", "unused"),
    row("  small ones refused beside big ones, of 20", "calls", "beside", "0"),
    row("  a call, one after another", "us/call", "micros"),
  ];
}

/** The guard on Redis beside other packages that hold limits there, each as it says itself. */
export async function measureRedisPeers(): Promise<Measured[]> {
  const server = await startRedis();
  const fleet = new Fleet();
  try {
    await fleet.ready();
    const rows: Measured[] = [];
    for (const name of Object.keys(PEERS) as PeerName[]) {
      rows.push(...(await measurePeer(fleet, server.url, name)));
    }
    return rows;
  } finally {
    await fleet.end();
    await server.stop();
  }
}
