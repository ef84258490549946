import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type AccountRef, createGuard, type Ledger, type Store, sqliteStore } from "burnrate";
import { type Measured, quick, toMeasured } from "./measure.ts";

const RUNS = 7;
const CALLS = quick ? 10_000 : 100_000;
const ROUNDS = quick ? 10 : 60;
const BATCH = 64;
const BUDGETS = ["$1000000/day", "$1000000/month", "1000000000 calls/hour"];

/** Counts what a store is asked. */
function counted({ ledger, ...rest }: Store): { readonly store: Store; questions(): number } {
  let questions = 0;
  const ask = <M extends "reserve" | "settle" | "lease" | "returnLeases">(method: M): Ledger[M] =>
    ((batch: never) => {
      questions++;
      return (ledger[method] as (batch: never) => unknown)(batch);
    }) as Ledger[M];
  const asked = { reserve: ask("reserve"), settle: ask("settle"), lease: ask("lease") };
  const watched = { ...ledger, ...asked, returnLeases: ask("returnLeases") };
  return { store: { ...rest, ledger: watched }, questions: () => questions };
}

/** Microseconds of one call that spends from leases, and how many calls share a question. */
async function leased(folder: string): Promise<Measured[]> {
  const { store, questions } = counted(sqliteStore({ path: join(folder, "leases.db") }));
  const guard = createGuard({ budgets: BUDGETS, store });
  const micros: number[] = [];
  const asked: number[] = [];
  const estimate = { inputTokens: 100, maxOutputTokens: 10 };
  const request = { kind: "model", provider: "openai", name: "gpt-5", estimate } as const;
  for (let run = -1; run < RUNS; run++) {
    const before = questions();
    const startedMs = performance.now();
    for (let call = 0; call < CALLS; call++) {
      const permit = await guard.begin(request);
      permit.dispatched();
      await permit.settle({ usage: { inputTokens: 100, outputTokens: 5 } });
    }
    if (run < 0) continue; // the first run learns the pace
    micros.push(((performance.now() - startedMs) / CALLS) * 1_000);
    asked.push(((questions() - before) / CALLS) * 1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await guard.close();
  return [
    toMeasured("begin + settle from leases, 3 budgets", "us/call", micros),
    toMeasured("  questions to the store", "in 1,000 calls", asked, "≤ 1"),
  ];
}

/** The least that could be done: the same rows, in the same two transactions a batch. */
function bareBatches(path: string): { run(): void; close(): void } {
  const database = new DatabaseSync(path);
  database.exec(`pragma journal_mode = wal; pragma synchronous = full;
    create table accounts (id text primary key, held integer, settled integer) without rowid;
    create table reservations (id integer primary key, amount integer);
    insert into accounts values ('org', 0, 0), ('agent', 0, 0), ('task', 0, 0);`);
  const hold = database.prepare("update accounts set held = held + 1000");
  const insert = database.prepare("insert into reservations (amount) values (1000)");
  const end = database.prepare("update accounts set held = held - 1000, settled = settled + 700");
  const remove = database.prepare("delete from reservations where id = ?");
  const within = (work: () => void): void => {
    database.exec("begin immediate");
    work();
    database.exec("commit");
  };
  return {
    run() {
      const ids: (number | bigint)[] = [];
      within(() => {
        for (let item = 0; item < BATCH; item++) {
          hold.run();
          ids.push(insert.run().lastInsertRowid);
        }
      });
      within(() => {
        for (const id of ids) {
          remove.run(id);
          end.run();
        }
      });
    },
    close: () => database.close(),
  };
}

const FOREVER = { kind: "fixed", startsAtMs: 0, endsAtMs: Number.POSITIVE_INFINITY } as const;

function accountOf(key: string): AccountRef {
  const common = { windowKey: "total", window: FOREVER, unit: "usd", org: "bench" } as const;
  return { key, ...common, limit: 1e15, limitVersion: 0, ephemeral: false };
}

/** Exact reservations and their ends, in batches, beside the least that could be done. */
async function batched(folder: string): Promise<Measured[]> {
  const bare = bareBatches(join(folder, "bare.db"));
  const { ledger } = sqliteStore({ path: join(folder, "exact.db") });
  await ledger.ready();
  const accounts = ["org", "agent", "task"].map(accountOf);
  let count = 0;
  const pairs = async (): Promise<void> => {
    const ids = Array.from({ length: BATCH }, () => `bench-${++count}`);
    const common = { accounts, amounts: [1_000, 1_000, 1_000], expiresInMs: 60_000 };
    await ledger.reserve(ids.map((id) => ({ id, ...common, atMs: Date.now() })));
    await ledger.settle(ids.map((id) => ({ id, as: "settled", amounts: [700, 700, 700] })));
  };
  const ours: number[] = [];
  const least: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const spent = { ours: 0, least: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const startedMs = performance.now();
      bare.run();
      const betweenMs = performance.now();
      await pairs();
      spent.least += betweenMs - startedMs;
      spent.ours += performance.now() - betweenMs;
    }
    if (run < 0) continue;
    ours.push((ROUNDS * BATCH * 1_000) / spent.ours);
    least.push((ROUNDS * BATCH * 1_000) / spent.least);
  }
  bare.close();
  await ledger.close();
  const share = ours.map((value, index) => (value / (least[index] ?? Number.NaN)) * 100);
  return [
    toMeasured(`reserve + settle, batches of ${BATCH}, durability full`, "pairs/s", ours),
    toMeasured("  bare inserts and updates on the same disk", "pairs/s", least),
    toMeasured("  ours of bare", "%", share, "≥ 70"),
  ];
}

/** The SQLite store: spending from leases, and asking it for every call. */
export async function measureSqlite(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-bench-"));
  try {
    return [...(await leased(folder)), ...(await batched(folder))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
