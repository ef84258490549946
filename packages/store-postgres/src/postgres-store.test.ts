import { storeContract } from "@burnrate/core/testing";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { startPostgres } from "./testing/start-postgres.ts";

// Some cases do much, and a machine may be busy with other tests.
vi.setConfig({ testTimeout: 30_000 });

const server = await startPostgres();
const named = (name: string): string => server?.schema(name) ?? name;

describe.skipIf(server === undefined)("pg", () => {
  let pool: pg.Pool;
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server?.url, max: 8 });
  });
  afterAll(() => pool.end());
  const schema = named("contract_pg");
  const open = () => postgresStore({ pool, schema });
  storeContract({
    test,
    createStore: open,
    reopen: open,
    passTime: async (ms) => {
      await pool.query("select pg_sleep($1::float8 / 1000)", [ms]);
    },
  });
});

describe.skipIf(server === undefined)("postgres.js", () => {
  let sql: postgres.Sql;
  beforeAll(() => {
    sql = postgres(server?.url ?? "", { max: 8 });
  });
  afterAll(() => sql.end());
  const schema = named("contract_js");
  const open = () => postgresStore({ pool: sql, schema });
  storeContract({
    test,
    createStore: open,
    reopen: open,
    passTime: async (ms) => {
      await sql`select pg_sleep(${ms}::float8 / 1000)`;
    },
  });
});

afterAll(() => server?.stop());
