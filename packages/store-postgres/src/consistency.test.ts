import { randomUUID } from "node:crypto";
import { type AccountRef, isGuardError } from "@burnrate/core";
import { afterAll, describe, expect, it } from "vitest";
import { randomFrom } from "./testing/random.ts";
import { accountOf, type OpenStore, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const url = server?.url ?? "";
const named = (name: string): string => server?.schema(name) ?? name;
const ENDS = ["settled", "released", "unknown"] as const;

afterAll(() => server?.stop());

/** Some of ever more accounts, in any order, rolling ones among them. */
function someAccounts(random: (below: number) => number, round: number): AccountRef[] {
  const rolling = { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 } as const;
  return Array.from({ length: 1 + random(5) }, () => {
    const key = random(10 + 3 * round);
    const given = key % 3 === 0 ? { window: rolling, windowKey: "rolling" } : {};
    return accountOf(`account-${key}`, 100_000, given);
  });
}

async function work({ ledger }: OpenStore, random: (below: number) => number): Promise<void> {
  for (let round = 0; round < 25; round++) {
    const accounts = someAccounts(random, round);
    const expiresInMs = random(4) === 0 ? 1 : 60_000;
    const dispatched = random(2) === 0;
    const request = reservationOf(accounts, 1 + random(50), { expiresInMs, dispatched });
    await ledger.reserve([request]);
    if (random(2) === 0) {
      const amounts = accounts.map(() => random(60));
      await ledger.settle([{ id: request.id, as: ENDS[random(3)] ?? "settled", amounts }]);
    }
    if (random(4) === 0) await leaseAndReturn(ledger, accounts, random);
  }
}

async function leaseAndReturn(
  ledger: OpenStore["ledger"],
  [account]: readonly AccountRef[],
  random: (below: number) => number,
): Promise<void> {
  if (account === undefined) return;
  const [id, atMs] = [randomUUID(), Date.now()];
  const ask = { id, account, amount: 100, minimum: 1, maxShare: 0.5, atMs };
  await ledger.lease([{ ...ask, ttlMs: random(2) === 0 ? 1 : 60_000 }]);
  if (random(2) === 0) return;
  const figures = { settled: random(50), unknown: random(20), kept: random(50) };
  await ledger.returnLeases([{ id, revision: 1, ...figures, atMs }]);
}

/** How many accounts say something else than the rows that are open on them, or their slices. */
async function contradictions({ pool }: OpenStore, schema: string): Promise<unknown> {
  const { rows } = await pool.query(`
    with open as (
      select o.no, sum(o.amount) filter (where r.state = 0) as held,
        sum(o.amount) filter (where r.state = 1) as unknown
      from ${schema}.reservations r, unnest(r.accounts, r.amounts) o(no, amount) group by o.no),
    out as (
      select l.account as no, sum(l.kept) as kept, sum(l.unknown) as unknown
      from ${schema}.leases l group by l.account)
    select count(*)::integer as accounts,
      (count(*) filter (where a.held <> coalesce(open.held, 0)))::integer as held,
      (count(*) filter (where a.leased <> coalesce(out.kept, 0)))::integer as leased,
      (count(*) filter (where a.slots = 0
        and a.unknown <> coalesce(open.unknown, 0) + coalesce(out.unknown, 0)))::integer as unknown,
      (count(*) filter (where a.slots > 0 and (
        a.settled <> (select sum(s) from unnest(a.ring_settled) s)
        or a.unknown <> (select sum(s) from unnest(a.ring_unknown) s))))::integer as slices
    from ${schema}.accounts a left join open using (no) left join out using (no)`);
  return rows[0];
}

async function deadlocks({ pool }: OpenStore): Promise<unknown> {
  const { rows } = await pool.query(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return rows[0].deadlocks;
}

describe.skipIf(server === undefined)("many who reserve, lease, end and let expire", () => {
  it("never deadlock, and leave balances that are the sum of what is open", async () => {
    const schema = named("sums");
    const stores = Array.from({ length: 4 }, () => openStore(url, schema, { max: 2 }));
    const [first] = stores as [OpenStore];
    const before = await deadlocks(first);
    const lanes = stores.flatMap((store, index) =>
      Array.from({ length: 6 }, (_, lane) => work(store, randomFrom(1 + index * 100 + lane))),
    );
    await Promise.all(lanes);
    expect(await contradictions(first, schema)).toEqual({
      accounts: expect.any(Number),
      ...{ held: 0, leased: 0, unknown: 0, slices: 0 },
    });
    expect(await deadlocks(first)).toBe(before);
    for (const store of stores) await store.end();
  });

  it("keep to that when their connections are cut in the middle of anything", async () => {
    const schema = named("cuts");
    const stores = Array.from({ length: 3 }, () => openStore(url, schema, { max: 2 }));
    const [first] = stores as [OpenStore];
    await first.ledger.ready();
    let refused = 0;
    let busy = true;
    const lanes = stores.slice(1).flatMap((store, index) =>
      Array.from({ length: 6 }, async (_, lane) => {
        const random = randomFrom(1 + index * 100 + lane);
        for (let attempt = 0; attempt < 4; attempt++) {
          await work(store, random).catch((error: unknown) => {
            if (!isGuardError(error) || error.code !== "BR8001") throw error;
            refused++;
          });
        }
      }),
    );
    const cut = async (): Promise<void> => {
      while (busy) {
        await first.pool.query(
          `select pg_sleep(0.02), pg_terminate_backend(pid) from pg_stat_activity
           where query like $1 and state = 'active' and pid <> pg_backend_pid()`,
          [`%"${schema}".run(%`],
        );
      }
    };
    const cutting = cut();
    await Promise.all(lanes);
    busy = false;
    await cutting;
    expect(refused).toBeGreaterThan(0);
    expect(await contradictions(first, schema)).toMatchObject({
      ...{ held: 0, leased: 0, unknown: 0, slices: 0 },
    });
    for (const store of stores) await store.end();
  });
});
