import { postgresStore } from "@burnrate/store-postgres";
import pg from "pg";
import { ACCOUNTS, AMOUNT } from "./accounts.ts";
import type { Measured } from "./measure.ts";
import { startPostgres } from "./servers.ts";
import { type Bare, measureLeased, measurePairs } from "./store-rows.ts";

/**
 * The least of a batch that is as durable as ours: locks three accounts in order, checks and holds;
 * a row a reservation under the caller's id, found by its expiry, which stays when it has ended so
 * that nobody reserves under its id again. No windows, limits, leases, kills, late ends or replies.
 */
const BARE = `
create table accounts (id text primary key, most bigint, held bigint, settled bigint);
create table reservations
  (id text primary key, accounts text[], amount bigint, ended boolean, expires timestamptz);
create index on reservations (ended, expires);
insert into accounts select unnest($names$NAMES$names$::text[]), 1000000000000000, 0, 0;
create function hold(names text[], ids text[], asked bigint) returns bigint language plpgsql
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare room bigint; fitting bigint;
begin
  perform from accounts where id = any(names) order by id for update;
  select min((most - settled - held) / asked) into room from accounts where id = any(names);
  fitting := least(cardinality(ids), room);
  update accounts set held = held + asked * fitting where id = any(names);
  insert into reservations
    select unnest(ids[1:fitting]), names, asked, false, now() + interval '60 s';
  return fitting;
end $$;
create function settle(names text[], ids text[], used bigint) returns bigint language plpgsql
set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare released bigint; settled_now bigint;
begin
  with done as (
    update reservations r set ended = true
      where r.id = any(ids) and r.ended is not true -- found by id, not by the index of ends
      returning r.amount
  )
  select coalesce(sum(amount), 0), count(*) into released, settled_now from done;
  update accounts set held = held - released, settled = settled + used * settled_now
    where id = any(names);
  return settled_now;
end $$;`;

async function bareFunctions(pool: pg.Pool): Promise<Bare> {
  await pool.query(BARE.replace("NAMES", `{${ACCOUNTS.join(",")}}`));
  // Without a name, as a pooler between wants it of ours too.
  const hold = "select hold($1, $2, $3)";
  const settle = "select settle($1, $2, $3)";
  return {
    name: "bare functions: the same rows, without the rules and the replies",
    async run(ids) {
      await pool.query(hold, [ACCOUNTS, ids, AMOUNT.reserved]);
      await pool.query(settle, [ACCOUNTS, ids, AMOUNT.used]);
    },
  };
}

/** The PostgreSQL store: spending from leases, and asking it for every call. */
export async function measurePostgres(): Promise<Measured[]> {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url, max: 4 });
  pool.on("error", () => {}); // the server ends what the pool has not quite ended yet
  try {
    const leased = await measureLeased(postgresStore({ pool, schema: "leased" }));
    const exact = postgresStore({ pool, schema: "exact" });
    return [
      ...leased,
      ...(await measurePairs("synchronous commit", exact, await bareFunctions(pool))),
    ];
  } finally {
    await pool.end();
    await server.stop();
  }
}
