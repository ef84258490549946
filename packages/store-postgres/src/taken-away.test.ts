import { createGuard, findGuardError, type Guard } from "@burnrate/core";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

/** One call; the code of its refusal, or what it did. */
async function spend(guard: Guard, usd = 0.4): Promise<string | undefined> {
  try {
    const permit = await guard.begin({ kind: "tool", name: "t", estimate: { usd } });
    permit.dispatched();
    await permit.settle();
    return "spent";
  } catch (error) {
    return findGuardError(error)?.code;
  }
}

function open(schema: string, options: pg.PoolConfig = {}) {
  const pool = new pg.Pool({ connectionString: server?.url ?? "", max: 3, ...options });
  pool.on("error", () => {});
  const budgets = [{ id: "b", limit: { usd: 1_000 }, window: "day" }] as const;
  const guard = createGuard({ store: postgresStore({ pool, schema }), budgets });
  guard.on("warning", () => {});
  return { pool, guard };
}

describe.skipIf(server === undefined)("what is taken away from a guard in use", () => {
  it.each([
    ["a table", (schema: string) => `drop table ${schema}.reservations`],
    ["the schema", (schema: string) => `drop schema ${schema} cascade`],
  ])("%s: calls near the limit are refused, and nothing is made anew", async (what, drop) => {
    const schema = server?.schema(`gone_${what.replace(" ", "_")}`) ?? "";
    const { guard, pool } = open(schema);
    expect(await spend(guard)).toBe("spent");
    await pool.query(drop(schema));
    expect(await spend(guard, 900)).toBe("BR8001");
    expect(await spend(guard)).toBe("BR8001");
    const refused = guard.begin({ kind: "tool", name: "t", estimate: { usd: 1 } });
    await expect(refused).rejects.toThrow(/run the text of postgresMigration/);
    await guard.close();
    const { rows } = await pool.query("select to_regclass($1) as found", [
      `${schema}.reservations`,
    ]);
    expect(rows).toEqual([{ found: null }]);
    await pool.end();
  });

  it("the pool: it ends, though the guard listens on a connection of it; calls are refused", async () => {
    const { guard, pool } = open(server?.schema("ended") ?? "");
    expect(await spend(guard)).toBe("spent");
    await pool.end();
    expect(await spend(guard, 900)).toBe("BR8001");
    await guard.close();
  });

  it("a pool of one connection is enough", async () => {
    const { guard, pool } = open(server?.schema("single") ?? "", { max: 1 });
    expect(await Promise.all(Array.from({ length: 20 }, () => spend(guard)))).toEqual(
      Array.from({ length: 20 }, () => "spent"),
    );
    await guard.close();
    await pool.end();
  });
});
