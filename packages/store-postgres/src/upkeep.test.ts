import { setTimeout } from "node:timers/promises";
import { type AccountRef, type KillEntry, type NewKillEntry, systemClock } from "@burnrate/core";
import pg from "pg";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { accountOf, type OpenStore, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const url = server?.url ?? "";
const named = (name: string): string => server?.schema(name) ?? name;
const DAY_MS = 86_400_000;
const nothing = { settled: 0, held: 0, leased: 0, unknown: 0 };

afterAll(() => server?.stop());

async function withStore(name: string, run: (store: OpenStore, schema: string) => Promise<void>) {
  const schema = named(name);
  const store = openStore(url, schema);
  try {
    await store.ledger.ready();
    await run(store, schema);
  } finally {
    await store.end();
  }
}

function killOf(id: string): NewKillEntry {
  const common = { reason: "r", by: "b", atMs: 1, expiresAtMs: undefined };
  return { kind: "kill", id, target: { agent: "a" }, level: "stop", ...common };
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let poll = 0; poll < 1_000; poll++) {
    if (await isTrue()) return;
    await setTimeout(5);
  }
  throw new Error(`${what} did not come`);
}

describe.skipIf(server === undefined)("expiry", () => {
  it("of what is asked about comes first, of the rest a bounded part each time", async () => {
    await withStore("sweep", async ({ ledger, pool }, schema) => {
      const [busy, asked] = [accountOf("busy", 1e9), accountOf("asked", 1e9)];
      const requests = [
        ...Array.from({ length: 300 }, () => reservationOf([busy], 1)),
        ...Array.from({ length: 10 }, () => reservationOf([asked], 1)),
      ];
      await ledger.reserve(requests);
      await pool.query(`update ${schema}.reservations set expires_ms = 1`);
      await pool.query(
        `update ${schema}.reservations set expires_ms = 2 where $1 = any(accounts)`,
        [
          (await pool.query(`select no from ${schema}.accounts where id like '%asked%'`)).rows[0]
            .no,
        ],
      );
      const look = async (account: AccountRef) => (await ledger.balances([account])).results[0];
      expect(await look(asked)).toEqual({ ...nothing, unknown: 10 });
      const { rows } = await pool.query(
        `select count(*)::int as held from ${schema}.reservations where state = 0`,
      );
      expect(rows).toEqual([{ held: 310 - 64 }]);
      for (let round = 0; round < 4; round++) await look(asked);
      expect(await look(busy)).toEqual({ ...nothing, unknown: 300 });
    });
  });

  it("of a reservation without accounts ends it once, whoever races", async () => {
    await withStore("bare", async ({ ledger, pool }, schema) => {
      const other = postgresStore({ pool, schema });
      const request = reservationOf([], 1);
      await ledger.reserve([request]);
      const end = { id: request.id, as: "settled" as const, amounts: [] };
      const ends = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const reply = await (index % 2 === 0 ? ledger : other.ledger).settle([end]);
          return reply.results[0]?.applied;
        }),
      );
      expect(ends.filter((applied) => applied)).toHaveLength(1);
      await other.ledger.close();
    });
  });
});

describe.skipIf(server === undefined)("upkeep", () => {
  it("forgets what is over, and nothing that somebody may still ask for", async () => {
    await withStore("upkeep", async ({ ledger, fleet, outbox, pool }, schema) => {
      const nowMs = systemClock.wallMs();
      const ended = (key: string, days: number): AccountRef => {
        const endsAtMs = nowMs - days * DAY_MS;
        return accountOf(key, 100, { window: { kind: "fixed", startsAtMs: 0, endsAtMs } });
      };
      const accounts = {
        over: ended("over", 8),
        recent: ended("recent", 6),
        held: ended("held", 8),
        unknown: ended("unknown", 8),
        total: accountOf("total", 100),
        idle: accountOf("idle", 100, { ephemeral: true }),
        busy: accountOf("busy", 100, { ephemeral: true }),
      };
      const requests = Object.values(accounts).map((account) => reservationOf([account], 5));
      await ledger.reserve(requests);
      const ends = requests.map(({ id }) => ({ id, as: "settled" as const, amounts: [3] }));
      await ledger.settle(ends.filter((_, index) => index !== 2));
      const lost = reservationOf([accounts.unknown], 7);
      await ledger.reserve([lost]);
      await ledger.settle([{ id: lost.id, as: "unknown", amounts: [] }]);
      const age = 31 * DAY_MS;
      await pool.query(`update ${schema}.accounts set created_ms = created_ms - $1`, [age]);
      await pool.query(
        `update ${schema}.accounts set touched_ms = touched_ms - $1 where id not like '%busy%'`,
        [age],
      );
      await pool.query(`update ${schema}.reservations set expires_ms = 1 where id = '=' || $1`, [
        requests[0]?.id,
      ]);
      await fleet?.beat("gone", 0);
      await fleet?.acknowledge({ killId: "k", process: "p", aborted: 1 });
      await outbox?.add(["old", "new"].map((id) => ({ id, topic: "t", body: "b", dueAtMs: 0 })));
      await outbox?.done(["old", "new"]);
      await pool.query(`update ${schema}.processes set expires_ms = 1`);
      await pool.query(`update ${schema}.acknowledgements set at_ms = 1`);
      await pool.query(`update ${schema}.outbox set done_ms = 1 where name = 'old'`);
      await pool.query(`update ${schema}.burnrate_meta set value = 0 where name = 'maintained_ms'`);
      await pool.query(`select ${schema}.maintain(1000)`);
      const { rows } = await pool.query(`select id from ${schema}.accounts order by no`);
      const kept = Object.keys(accounts).filter((key) =>
        rows.some(({ id }) => String(id).includes(key)),
      );
      expect(kept).toEqual(["recent", "held", "unknown", "total", "busy"]);
      const again = requests.map((request) => ({ ...request, accounts: [accounts.total] }));
      const { results } = await ledger.reserve(again.slice(0, 2));
      expect(results.map(({ kind }) => kind)).toEqual(["reserved", "duplicate"]);
      const left = await pool.query(`select (select count(*)::int from ${schema}.processes) as p,
        (select count(*)::int from ${schema}.acknowledgements) as a,
        (select count(*)::int from ${schema}.outbox) as o`);
      expect(left.rows).toEqual([{ p: 0, a: 0, o: 1 }]);
    });
  });

  it("goes on as long as there is more than it forgets at once, however busy a fleet is", async () => {
    await withStore("busy", async ({ ledger, pool }, schema) => {
      const left = async (): Promise<number> => {
        const { rows } = await pool.query(`select count(*)::int as n from ${schema}.reservations`);
        return rows[0].n;
      };
      await pool.query(
        `insert into ${schema}.reservations
         select 'r' || n, '{}', '{}', '{}', null, 2, true, 1, 1 from generate_series(1, 25000) n`,
      );
      await ledger.balances([]);
      await until("the first upkeep", async () => (await left()) === 5_000);
      await ledger.balances(Array.from({ length: 10_000 }, () => accountOf("a", 1)));
      await until("the next one", async () => {
        await ledger.balances([]);
        return (await left()) === 0;
      });
    });
  });

  it("compacts the kill log, and keeps kills in force and the newest limits", async () => {
    await withStore("compaction", async ({ killLog, pool }, schema) => {
      const limitOf = (limit: number): NewKillEntry => {
        const common = {
          id: "b",
          unit: "usd",
          configured: 1,
          reason: "r",
          by: "b",
          atMs: 1,
        } as const;
        return { kind: "limit", limit, ...common };
      };
      await killLog.append(killOf("stays"));
      await killLog.append(limitOf(1));
      await killLog.append(limitOf(2));
      const told: KillEntry[] = [];
      killLog.subscribe((entry) => told.push(entry));
      await pool.query(
        `select ${schema}.append_kill(kind, 'k' || n, null, '{"kind":"' || kind || '","id":"k' || n || '"}')
         from generate_series(1, 1100) n, unnest(array['kill', 'revive']) with ordinality u(kind, place)
         order by n, place`,
      );
      const last = await killLog.append(killOf("last"));
      expect(last.epoch).toBe(2_204);
      const lines = await killLog.read(0);
      expect(lines.length).toBeLessThan(1_300);
      expect(lines.slice(0, 2).map(({ epoch, id }) => [epoch, id])).toEqual([
        [1, "stays"],
        [3, "b"],
      ]);
      expect(lines.at(-1)?.epoch).toBe(2_204);
      await until("the last line to be told", () => told.at(-1)?.id === "last");
    });
  });
});

describe.skipIf(server === undefined)("a kill is heard", () => {
  const listen = (store: Pick<OpenStore, "killLog">): string[] => {
    const heard: string[] = [];
    store.killLog.subscribe(({ id }) => heard.push(id));
    return heard;
  };
  const cut = (pool: pg.Pool, applicationName: string) =>
    pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = $1 and pid <> pg_backend_pid()`,
      [applicationName],
    );

  it("also when the listening connection was cut, once it is back", async () => {
    const schema = named("cut");
    const connection = { application_name: schema };
    const sql = postgres(url, { max: 2, onnotice: () => {}, connection });
    const options = { connectionString: url, max: 3, ...connection };
    const pool = new pg.Pool(options).on("error", () => {});
    const pools = [pool, sql];
    const stores = pools.map((pool) => postgresStore({ pool, schema }));
    for (const { ledger } of stores) await ledger.ready();
    const heard = stores.map(listen);
    await withStore("cut", async ({ killLog, pool }) => {
      await killLog.append(killOf("first"));
      await until("the first", () => heard.every((ids) => ids.includes("first")));
      await cut(pool, schema);
      await killLog.append(killOf("second"));
      await until("the second", () => heard.every((ids) => ids.includes("second")));
      expect(heard.map((ids) => [...new Set(ids)])).toEqual([
        ["first", "second"],
        ["first", "second"],
      ]);
    });
    for (const { ledger } of stores) await ledger.close();
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it("by all stores on a pool that has no connection more than there are stores", async () => {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    const schemas = ["first", "second"].map((name) => named(`shared_${name}`));
    const stores = schemas.map((schema) => postgresStore({ pool, schema }));
    const heard = stores.map(listen);
    for (const { ledger } of stores) await ledger.ready();
    await until("somebody to listen", () => pool.idleCount === 1);
    for (const { ledger, killLog } of stores) {
      await ledger.balances([]);
      await killLog.append(killOf("k"));
    }
    await until("both", () => heard.every((ids) => ids.includes("k")));
    for (const { ledger } of stores) await ledger.close();
    await pool.end();
  });

  it("without a listening connection: by the next reply, or within about a second", async () => {
    const schema = named("polled");
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const store = postgresStore({ pool, schema });
    await store.ledger.ready();
    const heard = listen(store);
    await withStore("polled", async ({ killLog }) => {
      await killLog.append(killOf("asked"));
      await store.ledger.balances([]);
      await until("the reply's line", () => heard.includes("asked"));
      await killLog.append(killOf("polled"));
      await until("the poll", () => heard.includes("polled"));
    });
    await store.ledger.close();
    await pool.end();
  });
});
