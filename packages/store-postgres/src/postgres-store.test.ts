import {
  type BreakingLine,
  LINE_STEPS,
  startBreakingLine,
  storeContract,
} from "@burnrate/core/testing";
import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, test } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { breakInTheMiddle, IN_THE_MIDDLE } from "./testing/break-in-the-middle.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const named = (name: string): string => server?.schema(name) ?? name;

describe.skipIf(server === undefined)("pg", () => {
  let pool: pg.Pool;
  let line: BreakingLine;
  const broken: pg.Pool[] = [];
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: server?.url, max: 8 });
    line = await startBreakingLine(server?.url ?? "");
  });
  afterAll(async () => {
    await Promise.all([pool, ...broken].map((one) => one.end()));
    await line.close();
  });
  const schema = named("contract_pg");
  const open = () => postgresStore({ pool, schema });
  storeContract({
    test,
    createStore: open,
    reopen: open,
    passTime: async (ms) => {
      await pool.query("select pg_sleep($1::float8 / 1000)", [ms]);
    },
    crash: {
      steps: [...LINE_STEPS, IN_THE_MIDDLE],
      histories: 3,
      open: (step) => {
        line.mend();
        const name = `breaking ${broken.length}`;
        const over = new pg.Pool({ connectionString: line.url, max: 2, application_name: name });
        over.on("error", () => {}); // its connections are cut when its store is closed already
        broken.push(over);
        const { ledger } = postgresStore({ pool: over, schema });
        let isEnded = false;
        const onBreak = (): void => {
          isEnded = true;
        };
        if (step !== IN_THE_MIDDLE) {
          return { ledger, breakNext: () => line.breakNext(step), hasBroken: line.hasBroken };
        }
        const breakNext = () => breakInTheMiddle(pool, { schema, name, onBreak });
        return { ledger, breakNext, hasBroken: () => isEnded };
      },
    },
  });
});

describe.skipIf(server === undefined)("postgres.js", () => {
  let sql: postgres.Sql;
  let line: BreakingLine;
  const broken: postgres.Sql[] = [];
  beforeAll(async () => {
    sql = postgres(server?.url ?? "", { max: 8 });
    line = await startBreakingLine(server?.url ?? "");
  });
  afterAll(async () => {
    await Promise.all([sql, ...broken].map((one) => one.end({ timeout: 1 })));
    await line.close();
  });
  const schema = named("contract_js");
  const open = () => postgresStore({ pool: sql, schema });
  storeContract({
    test,
    createStore: open,
    reopen: open,
    passTime: async (ms) => {
      await sql`select pg_sleep(${ms}::float8 / 1000)`;
    },
    crash: {
      steps: LINE_STEPS,
      histories: 2,
      open: (step) => {
        line.mend();
        const over = postgres(line.url, { max: 2 });
        broken.push(over);
        const { ledger } = postgresStore({ pool: over, schema });
        return { ledger, breakNext: () => line.breakNext(step), hasBroken: line.hasBroken };
      },
    },
  });
});

afterAll(() => server?.stop());
