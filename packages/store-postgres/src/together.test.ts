import { setTimeout } from "node:timers/promises";
import type {
  AccountRef,
  LedgerReply,
  MaybePromise,
  Reservation,
  ReserveResult,
  Settlement,
  SettleResult,
} from "@burnrate/core";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { postgresStore } from "./postgres-store.ts";
import { randomFrom } from "./testing/random.ts";
import { accountOf, type OpenStore, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const named = (name: string): string => server?.schema(name) ?? name;
const open = (schema: string): OpenStore => openStore(server?.url ?? "", schema);

afterAll(() => server?.stop());

/** The functions that a store asks from now on, one after the other. */
function watched({ pool }: OpenStore): string[] {
  const asked: string[] = [];
  const query = pool.query.bind(pool) as (text: string, values: string[]) => Promise<never>;
  const watch = (text: string, values: string[]): Promise<never> => {
    const name = /\.(reserve_together|settle_together|run)\(/.exec(text)?.[1];
    if (name !== undefined) asked.push(name);
    return query(text, values);
  };
  Object.assign(pool, { query: watch });
  return asked;
}

/** Makes a schema's short ways lead nowhere, so that all is asked of `run`. */
async function closeShortWays({ ledger, pool }: OpenStore, schema: string): Promise<void> {
  const nowhere = (name: string, count: number): string => `
    drop function "${schema}".${name};
    create function "${schema}".${name}(${Array(count).fill("text").join(",")}) returns text
    language sql as 'select null'`;
  await ledger.ready();
  await pool.query(nowhere("reserve_together", 7));
  await pool.query(nowhere("settle_together", 6));
}

async function rowsOf({ pool }: OpenStore, schema: string): Promise<unknown[]> {
  const columns = "id, amounts, slices, corrections, state, dispatched, lasts_ms, attempts";
  return (await pool.query(`select ${columns} from "${schema}".reservations order by id`)).rows;
}

const list = [accountOf("first", 1_000), accountOf("second", 1_000)];
const some = (ids: readonly string[], given: Partial<Reservation> = {}): Reservation[] =>
  ids.map((id) => reservationOf(list, 10, { id, ...given }));
const ends = (ids: readonly string[]): Settlement[] =>
  ids.map((id) => ({ id, as: "settled", amounts: [7, 8] }));

describe.skipIf(server === undefined)("a batch of one kind on one list of accounts", () => {
  it("has a short way, which answers and leaves what the long one does", async () => {
    const schemas = [named("short"), named("long")] as const;
    const [short, long] = [open(schemas[0]), open(schemas[1])];
    await closeShortWays(long, schemas[1]);
    const asked = watched(short);
    const random = randomFrom(11);
    const accounts = [0, 1, 2].map((at) => accountOf(`account-${at}`, 1e7));
    try {
      for (let round = 0; round < 60; round++) {
        const on = accounts.slice(random(3)).toReversed();
        const each = random(2) === 0 ? undefined : 5;
        const dispatched = random(2) === 0;
        const batch = Array.from({ length: 1 + random(9) }, (_, at) => {
          const amounts = on.map(() => each ?? random(90));
          return reservationOf(on, 0, { id: `r-${round}-${at}`, amounts, dispatched });
        });
        const used = batch.map(({ id, amounts }): Settlement => {
          return { id, as: "settled", amounts: amounts.map((held) => each ?? random(held + 9)) };
        });
        const reserved = await short.ledger.reserve(batch);
        expect(reserved.results).toEqual((await long.ledger.reserve(batch)).results);
        const settled = await short.ledger.settle(used);
        expect(settled.results).toEqual((await long.ledger.settle(used)).results);
      }
      const left = await short.ledger.balances(accounts);
      expect(left.results).toEqual((await long.ledger.balances(accounts)).results);
      expect(await rowsOf(short, schemas[0])).toEqual(await rowsOf(long, schemas[1]));
      expect(asked.filter((name) => name !== "run").length).toBeGreaterThan(60);
    } finally {
      await short.end();
      await long.end();
    }
  });

  let schemas = 0;
  const SHORT = { reserve: "reserve_together", settle: "settle_together" } as const;
  const kinds = async (asked: MaybePromise<LedgerReply<ReserveResult>>) =>
    (await asked).results.map(({ kind }) => kind);
  const applied = async (asked: MaybePromise<LedgerReply<SettleResult>>) =>
    (await asked).results.map((result) => result.applied);
  const changed = (given: Partial<AccountRef>): { accounts: readonly AccountRef[] } => ({
    accounts: list.map((account) => ({ ...account, ...given })),
  });
  const ROLLING = { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 } as const;

  it.each<
    readonly [string, (store: OpenStore, other: OpenStore) => Promise<unknown>, unknown, string[]]
  >([
    [
      "with an id twice",
      ({ ledger }) => kinds(ledger.reserve(some(["a", "b", "a"]))),
      ["reserved", "reserved", "duplicate"],
      [SHORT.reserve, "run"],
    ],
    [
      "that does not fit as a whole",
      ({ ledger }) => kinds(ledger.reserve(some(["a", "b"], { amounts: [600, 600] }))),
      ["reserved", "refused"],
      [SHORT.reserve, "run"],
    ],
    [
      "that brings a newer limit",
      ({ ledger }) => kinds(ledger.reserve(some(["a"], changed({ limit: 5, limitVersion: 2 })))),
      ["refused"],
      [SHORT.reserve, "run"],
    ],
    [
      "on windows that move",
      ({ ledger }) => kinds(ledger.reserve(some(["a"], changed({ window: ROLLING })))),
      ["reserved"],
      ["run"],
    ],
    [
      "of calls that repeat others",
      ({ ledger }) => kinds(ledger.reserve(some(["a"], { once: true }))),
      ["reserved"],
      ["run"],
    ],
    [
      "while something is due, which is ended first",
      async ({ ledger }) => {
        await ledger.reserve(some(["due"], { expiresInMs: 1, dispatched: false }));
        await setTimeout(5);
        const { results } = await ledger.reserve(some(["a"]));
        return results.map((result) => result.kind === "reserved" && result.balances[0]?.held);
      },
      [10],
      [SHORT.reserve, SHORT.reserve, "run"],
    ],
    [
      "of ends that came before",
      async ({ ledger }) => {
        await ledger.reserve(some(["a", "b"]));
        return [
          await applied(ledger.settle(ends(["b"]))),
          await applied(ledger.settle(ends(["b"]))),
        ];
      },
      [[true], [false]],
      [SHORT.reserve, SHORT.settle, "run"],
    ],
    [
      "of ends of which another process told some",
      async ({ ledger }, other) => {
        await ledger.reserve(some(["a", "b"]));
        await other.ledger.settle(ends(["a"]));
        const settled = await applied(ledger.settle(ends(["a", "b"])));
        const { results } = await ledger.balances(list);
        return [settled, results.map(({ held, settled: spent }) => [held, spent])];
      },
      [
        [false, true],
        [
          [0, 14],
          [0, 16],
        ],
      ],
      [SHORT.reserve, SHORT.settle, "run", "run"],
    ],
  ])("%s is asked of the long way", async (_, act, expected, functions) => {
    schemas += 1;
    const schema = named(`exceptions_${schemas}`);
    const [store, other] = [open(schema), open(schema)];
    try {
      await store.ledger.reserve(some(["first"], { amounts: [0, 0] }));
      // The accounts were not there: it is a while until the short way is tried again.
      for (let batch = 0; batch < 16; batch++) await store.ledger.balances(list);
      const asked = watched(store);
      expect(await act(store, other)).toEqual(expected);
      expect(asked).toEqual(functions);
    } finally {
      await store.end();
      await other.end();
    }
  });

  it.each(["", "null", 0])("is taken as not done where a driver makes %j of null", async (made) => {
    schemas += 1;
    const from = (value: unknown): unknown => value ?? made;
    const sql = postgres(server?.url ?? "", {
      onnotice: () => {},
      fetch_types: false,
      transform: { value: { from } },
    });
    const { ledger } = postgresStore({ pool: sql, schema: named(`made_${schemas}`) });
    try {
      expect(await kinds(ledger.reserve(some(["a"])))).toEqual(["reserved"]);
      for (let batch = 0; batch < 16; batch++) await ledger.balances(list);
      expect(await kinds(ledger.reserve(some(["b"], { amounts: [991, 0] })))).toEqual(["refused"]);
      const { results } = await ledger.balances(list);
      expect(results.map(({ held }) => held)).toEqual([10, 10]);
    } finally {
      await ledger.close();
      await sql.end();
    }
  });

  it("counts right, and waits for nobody in a circle, where many processes take it", async () => {
    const schema = named("circle");
    const stores = [open(schema), open(schema), open(schema)];
    const [one, two, three] = ["one", "two", "three"].map((key) => accountOf(key, 1e9));
    const lists = [
      [one, two, three],
      [three, one],
      [two, three, one],
    ] as AccountRef[][];
    const asked = stores.map(watched);
    const work = async ({ ledger }: OpenStore, name: number): Promise<void> => {
      for (let round = 0; round < 60; round++) {
        const on = lists[(name + round) % lists.length] as AccountRef[];
        const ids = [0, 1, 2].map((at) => `${name}-${round}-${at}`);
        await ledger.reserve(ids.map((id) => reservationOf(on, 5, { id })));
        const amounts = on.map(() => 3);
        const ended = await applied(
          ledger.settle(ids.map((id) => ({ id, as: "settled", amounts }))),
        );
        expect(ended).toEqual([true, true, true]);
      }
    };
    try {
      await Promise.all(stores.map(work));
      const all = [one, two, three] as AccountRef[];
      const { results } = (await stores[0]?.ledger.balances(all)) ?? { results: [] };
      const calls = stores.length * 60 * 3;
      const on = [calls, (calls * 2) / 3, calls].map((count) => ({ held: 0, settled: 3 * count }));
      expect(results).toMatchObject(on);
      expect(asked.flat().filter((name) => name !== "run").length).toBeGreaterThan(100);
    } finally {
      await Promise.all(stores.map((store) => store.end()));
    }
  });
});
