import pg from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postgresMigration, postgresStore } from "./postgres-store.ts";
import { accountOf, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const url = server?.url ?? "";
const named = (name: string): string => server?.schema(name) ?? name;
const limitedUser = named("limited");
const secret = "hunter2-secret";

describe("options", () => {
  const pool = new pg.Pool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
  const open = (options: unknown) => () =>
    postgresStore(options as Parameters<typeof postgresStore>[0]);

  it("name what is wrong and what is allowed", () => {
    expect(open(undefined)).toThrow(/BR9001 postgresStore must be an object such as \{ pool \}/);
    expect(open({ pol: pool })).toThrow(/has no option "pol".*Did you mean "pool"/);
    expect(open({ pool, migrate: "no" })).toThrow(/migrate must be true or false/);
    for (const schema of ["", "a b", 'a"b', "1a", "pg_x", "x".repeat(49), "a\0", 7]) {
      expect(open({ pool, schema })).toThrow(/BR9001 schema must be a name/);
    }
    expect(open({ pool, schema: "public" })).toThrow(/one of its own/);
  });

  it("refuse what is no pool, without repeating a password", () => {
    const wrong = [
      `postgres://u:${secret}@host/db`,
      new pg.Client({ password: secret }),
      { connectionString: `postgres://u:${secret}@host/db` },
      () => secret,
      null,
      undefined,
      {},
    ];
    for (const given of wrong) {
      expect(open({ pool: given })).toThrow(/BR9001 pool must be a Pool of pg/);
      expect(open({ pool: given })).not.toThrow(secret);
    }
    expect(open({ pool: new pg.Client() })).toThrow(/a single Client/);
  });

  it("open nothing before the store is used", async () => {
    const store = postgresStore({ pool });
    expect(pool.totalCount).toBe(0);
    await store.ledger.close();
    await expect(store.killLog.read(0)).rejects.toMatchObject({ code: "BR8001" });
  });

  it("of a server that does not answer refuse without its address or password", async () => {
    const options = { host: "127.0.0.1", port: 1, user: "u", password: secret, database: "d" };
    const sql = postgres({ ...options, connect_timeout: 1, max: 1 });
    for (const down of [new pg.Pool(options), sql]) {
      const error = await Promise.resolve(postgresStore({ pool: down }).ledger.ready()).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: "BR8001", details: { code: "ECONNREFUSED" } });
      expect(JSON.stringify(error) + String(error)).not.toMatch(/127\.0\.0\.1|hunter2/);
    }
    await sql.end();
  });
});

describe.skipIf(server === undefined)("a database", () => {
  let admin: pg.Pool;
  beforeAll(async () => {
    admin = new pg.Pool({ connectionString: url });
    await admin.query(`create role ${limitedUser} login`);
  });
  afterAll(async () => {
    await admin.query(`drop owned by ${limitedUser}`);
    await admin.query(`drop role ${limitedUser}`);
    await admin.end();
  });

  const asLimited = (given: pg.PoolConfig = {}): pg.Pool => {
    const limited = new URL(url);
    limited.username = limitedUser;
    limited.password = "";
    return new pg.Pool({ connectionString: limited.href, max: 2, ...given });
  };

  async function refusal(pool: pg.Pool, options: object = {}): Promise<unknown> {
    const store = postgresStore({ pool, ...options });
    try {
      await store.ledger.ready();
      return "ready";
    } catch (error) {
      return error;
    } finally {
      await store.ledger.close();
      await pool.end();
    }
  }

  it("whose user may not create a schema is refused with the GRANT that helps", async () => {
    const error = await refusal(asLimited(), { schema: named("forbidden") });
    expect(error).toMatchObject({ code: "BR9001" });
    expect(String(error)).toMatch(/GRANT CREATE ON DATABASE/);
    expect(String(error)).toMatch(/postgresMigration\("forbidden.*"\)/);
  });

  it("migrated beforehand by its owner serves a user with the grants that are told", async () => {
    const schema = named("prepared");
    expect(await refusal(asLimited(), { schema, migrate: false })).toMatchObject({
      code: "BR9001",
      message: expect.stringContaining(`postgresMigration("${schema}")`),
    });
    await admin.query(postgresMigration(schema));
    await admin.query(postgresMigration(schema));
    const error = await refusal(asLimited(), { schema, migrate: false });
    expect(error).toMatchObject({ code: "BR9001", details: { code: "42501" } });
    const grants = /(GRANT .* ON ALL FUNCTIONS .* TO <user>)/.exec(String(error))?.[1] ?? "";
    await admin.query(grants.replaceAll("<user>", limitedUser));
    const pool = asLimited();
    const store = postgresStore({ pool, schema, migrate: false });
    const request = reservationOf([accountOf("a", 10)], 3);
    expect((await store.ledger.reserve([request])).results[0]?.kind).toBe("reserved");
    await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
    await store.outbox?.add([{ id: "m", topic: "t", body: "b", dueAtMs: 0 }]);
    expect(await store.outbox?.claim("t", 1, 1_000)).toHaveLength(1);
    await store.ledger.close();
    await pool.end();
  });

  it("that does not exist, or refuses the login, is a matter of configuration", async () => {
    const missing = new URL(url);
    missing.pathname = "/nowhere";
    const error = await refusal(new pg.Pool({ connectionString: missing.href }));
    expect(String(error)).toMatch(/BR9001 .*database does not exist.*3D000/);
    const stranger = new URL(url);
    stranger.username = "stranger";
    expect(String(await refusal(new pg.Pool({ connectionString: stranger.href })))).toMatch(
      /BR9001 .*refused the login.*28000/,
    );
  });

  it("with a schema of a newer version is refused, and nothing in it changes", async () => {
    const schema = named("newer");
    const store = openStore(url, schema);
    await store.ledger.ready();
    await store.end();
    await admin.query(`update ${schema}.burnrate_meta set value = 99 where name = 'version'`);
    for (const migrate of [true, false]) {
      const error = await refusal(new pg.Pool({ connectionString: url }), {
        schema,
        migrate,
      });
      expect(String(error)).toMatch(/BR9001 .*newer version than 7.*update @burnrate/);
    }
    await expect(admin.query(postgresMigration(schema))).rejects.toThrow(/version 99/);
    const { rows } = await admin.query(
      `select value from ${schema}.burnrate_meta where name = 'version'`,
    );
    expect(rows).toEqual([{ value: "99" }]);
  });

  it("with a schema of an older version is migrated, and keeps what is in it", async () => {
    const schema = named("older");
    const store = openStore(url, schema);
    await store.ledger.reserve([reservationOf([accountOf("a", 10)], 3)]);
    await store.end();
    await admin.query(`update ${schema}.burnrate_meta set value = 0 where name = 'version'`);
    await admin.query(`drop function ${schema}.run`);
    await admin.query(`alter table ${schema}.reservations drop column attempts`);
    const again = openStore(url, schema);
    expect((await again.ledger.balances([accountOf("a", 10)])).results[0]?.held).toBe(3);
    await again.ledger.reserve([reservationOf([accountOf("a", 10)], 3)]);
    expect((await again.ledger.balances([accountOf("a", 10)])).results[0]?.held).toBe(6);
    await again.end();
  });

  it("with the schema before this one gets the functions of this one", async () => {
    const schema = named("before");
    const store = openStore(url, schema);
    await store.ledger.ready();
    await store.end();
    await admin.query(`update ${schema}.burnrate_meta set value = 4 where name = 'version'`);
    await admin.query(`create or replace function ${schema}.maintain(most bigint)
      returns void language plpgsql as $$ begin raise exception 'the old one'; end $$`);
    const again = openStore(url, schema);
    await again.ledger.ready();
    await admin.query(`select ${schema}.maintain(1)`);
    await again.end();
  });

  it("with a schema of something else is left alone", async () => {
    const schema = named("foreigner");
    await admin.query(`create schema ${schema}`);
    await admin.query(`create table ${schema}.accounts (id int)`);
    const pool = new pg.Pool({ connectionString: url });
    expect(String(await refusal(pool, { schema }))).toMatch(/BR9001 .*tables of something else/);
  });

  it.runIf(server?.isOwn)("that does not hold Unicode is refused", async () => {
    await admin.query("create database latin encoding 'LATIN1' template template0");
    const latin = new URL(url);
    latin.pathname = "/latin";
    expect(String(await refusal(new pg.Pool({ connectionString: latin.href })))).toMatch(
      /BR9001 .*ENCODING 'UTF8'/,
    );
  });

  it("of an old server is refused", async () => {
    const schema = named("ancient");
    const ancient = postgresMigration(schema).replace("< 130000", "< 990000");
    await expect(admin.query(ancient)).rejects.toMatchObject({ code: "BRN03" });
    expect(String(await refusal(new pg.Pool({ connectionString: url }), { schema }))).toBe("ready");
  });

  it("whose transactions are not read committed is refused with what to change", async () => {
    const pool = new pg.Pool({
      connectionString: url,
      options: "-c default_transaction_isolation=serializable",
    });
    const store = postgresStore({ pool, schema: named("isolated") });
    await expect(store.ledger.balances([])).rejects.toMatchObject({
      code: "BR9001",
      message: expect.stringContaining("read committed"),
    });
    await store.ledger.close();
    await pool.end();
  });

  it.each([
    ["default_transaction_read_only=on", "25006", /connect to the primary/],
    ["statement_timeout=1", "57014", /statement_timeout/],
  ])("that does nothing because of %s says what to change", async (setting, code, remedy) => {
    const pool = new pg.Pool({ connectionString: url, options: `-c ${setting}` });
    const error = await refusal(pool, { schema: named("hindered") });
    expect(error).toMatchObject({ code: "BR8001", details: { code } });
    expect(String(error)).toMatch(remedy);
  });

  it.each([
    ["pascal", postgres.pascal],
    ["kebab", postgres.kebab],
    ["camel", postgres.camel],
  ])(
    "on postgres.js with the transform %s keeps budgets, kills and states",
    async (name, transform) => {
      const sql = postgres(url, { transform, fetch_types: false, max: 2, onnotice: () => {} });
      const store = postgresStore({ pool: sql, schema: named(`transform_${name}`) });
      const request = reservationOf([accountOf("a", 10)], 7);
      expect((await store.ledger.reserve([request])).results[0]?.kind).toBe("reserved");
      const other = reservationOf([accountOf("a", 10)], 7);
      expect((await store.ledger.reserve([other])).results[0]?.kind).toBe("refused");
      await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
      expect(await store.killLog.read(0)).toMatchObject([{ id: "k", epoch: 1 }]);
      expect(await store.state?.write("key", "text", 0)).toBe(1);
      expect(await store.state?.read("key")).toEqual({ value: "text", revision: 1 });
      await store.ledger.close();
      await sql.end();
    },
  );

  it("on a driver that renames columns beyond recognition is refused", async () => {
    const transform = { column: { from: (name: string) => `my_${name}` } };
    const sql = postgres(url, { transform, fetch_types: false, max: 2, onnotice: () => {} });
    const { ledger } = postgresStore({ pool: sql, schema: named("renamed") });
    const reserved = ledger.reserve([reservationOf([accountOf("a", 10)], 7)]);
    await expect(reserved).rejects.toThrow(/BR9001 .*renames the columns.*transform/);
    await ledger.close();
    await sql.end();
  });

  it("behind a pooler that gives each statement another connection keeps one ledger", async () => {
    const schema = named("pooled");
    const sql = postgres(url, { prepare: false, max: 3, max_lifetime: 1, onnotice: () => {} });
    for (const pool of [new pg.Pool({ connectionString: url, maxUses: 1 }), sql]) {
      const store = postgresStore({ pool, schema });
      const account = accountOf(`a-${pool === sql}`, 100);
      const lanes = Array.from({ length: 20 }, async () => {
        const request = reservationOf([account], 7);
        return (await store.ledger.reserve([request])).results[0]?.kind;
      });
      const kinds = await Promise.all(lanes);
      expect(kinds.filter((kind) => kind === "reserved")).toHaveLength(14);
      await store.ledger.close();
      await pool.end();
    }
  });
});

afterAll(() => server?.stop());
