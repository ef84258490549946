import { strict as assert } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import type { LedgerOperation } from "@burnrate/core/adapter";
import fc from "fast-check";
import { test } from "vitest";
import type { Connection } from "../database/connection.ts";
import { openDatabase } from "../database/open-database.ts";
import { encodeText } from "../database/text.ts";
import { accountOf, reservationOf } from "../testing/accounts.ts";
import { temporaryFile } from "../testing/temporary-file.ts";
import { OperationRunner } from "./run-operations.ts";

const LIMITS = [100, 60, 40];
const HOUR_MS = 3_600_000;

/** A driver that breaks at the n-th statement from when it is armed. */
class BreakingDatabase extends DatabaseSync {
  static left: number = Number.POSITIVE_INFINITY;

  override prepare(sql: string) {
    const statement = super.prepare(sql);
    for (const method of ["run", "all", "get"] as const) {
      const original = statement[method].bind(statement) as (...values: never[]) => never;
      Object.defineProperty(statement, method, {
        value: (...values: never[]) => {
          if (--BreakingDatabase.left < 0) throw new Error("the power is gone");
          return original(...values);
        },
      });
    }
    return statement;
  }
}

interface Step {
  readonly kind: number;
  readonly id: number;
  readonly amount: number;
  readonly account: number;
  readonly passMs: number;
  /** Which of two processes asks: what one remembers, the other changes. */
  readonly by: number;
  /** The statement at which the transaction breaks, if it gets that far. */
  readonly breaksAt: number;
}

const steps = fc.array(
  fc.record({
    kind: fc.nat(7),
    id: fc.nat(11),
    amount: fc.integer({ min: 0, max: 45 }),
    account: fc.nat(2),
    passMs: fc.constantFrom(0, 0, 0, HOUR_MS / 2, HOUR_MS * 2),
    by: fc.nat(1),
    breaksAt: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(14)),
  }),
  { minLength: 15, maxLength: 60 },
);

function operationOf({ kind, id, amount, account }: Step, revision: number): LedgerOperation {
  const all = LIMITS.map((limit, index) => accountOf(`account ${index}`, limit));
  const one = all[account] as (typeof all)[number];
  const atMs = undefined;
  const name = `id ${id}`;
  if (kind <= 1) {
    const given = { accounts: all.slice(account), amounts: all.map(() => amount) };
    const request = { ...reservationOf(name, one, amount), ...given, dispatched: kind === 1 };
    return { method: "reserve", batch: [request, request], atMs };
  }
  if (kind === 2) return { method: "dispatch", batch: [name], atMs };
  if (kind <= 4) {
    const as = (["settled", "released", "unknown"] as const)[(kind + amount) % 3] ?? "settled";
    const amounts = all.map(() => 0);
    return { method: "settle", batch: [{ id: name, as, amounts }], atMs };
  }
  if (kind === 5) {
    const share = { minimum: 1, maxShare: 1, ttlMs: HOUR_MS, atMs: 0 };
    return { method: "lease", batch: [{ id: name, account: one, amount, ...share }], atMs };
  }
  if (kind === 6) {
    const given = { settled: 0, unknown: amount % 4, kept: amount % 9, atMs: 0, revision };
    return { method: "returnLeases", batch: [{ id: name, ...given }], atMs };
  }
  return { method: "balances", batch: all, atMs };
}

/**
 * What holds after every step: no account over its limit but by what came late, every sum explained
 * by open rows.
 */
function check(connection: Connection, late: number): void {
  const accounts = connection.prepare("SELECT * FROM account").all() as Record<string, number>[];
  const held = new Map<number, number>();
  for (const { holds } of connection
    .prepare("SELECT holds FROM reservation WHERE state <= 1")
    .all() as { holds: string }[]) {
    const flat = JSON.parse(holds) as number[];
    for (let at = 0; at < flat.length; at += 4) {
      const id = flat[at] ?? 0;
      held.set(id, (held.get(id) ?? 0) + (flat[at + 1] ?? 0));
    }
  }
  const leased = new Map(
    (
      connection
        .prepare("SELECT account, sum(leased) AS sum FROM lease WHERE state = 0 GROUP BY account")
        .all() as { account: number; sum: number }[]
    ).map(({ account, sum }) => [account, sum]),
  );
  for (const row of accounts) {
    const [id = 0, settled = 0, unknown = 0] = [row["id"], row["settled"], row["unknown"]];
    assert.equal(row["held"], held.get(id) ?? 0, "what is held is what is open");
    assert.equal(row["leased"], leased.get(id) ?? 0, "what is leased is what is out");
    const total = settled + unknown + Number(row["held"]) + Number(row["leased"]);
    // A return may tell of 3 more than it gives back: the truth, which is charged.
    const most = Number(row["limit_amount"]) + 12 * 3 + late;
    assert.ok(total <= most, `${total} of ${row["limit_amount"]} and ${late} late`);
  }
}

/**
 * A reservation that lapsed gave its money back; when it was sent after all, it is charged unasked.
 */
function chargedLate(connection: Connection, { kind, id, amount }: Step): number {
  if (kind < 3 || kind > 4 || (kind + amount) % 3 !== 2) return 0;
  const row = connection
    .prepare("SELECT holds FROM reservation WHERE id = ? AND state = 3")
    .get(encodeText(`id ${id}`)) as { holds: string } | undefined;
  const [, held = 0] = row === undefined ? [] : (JSON.parse(row.holds) as number[]);
  return held;
}

test("whatever is asked and wherever it breaks, it is done whole or not at all", () => {
  const folder = temporaryFile();
  let [broken, files] = [0, 0];
  fc.assert(
    fc.property(steps, (asked) => {
      const path = `${folder}-${++files}`;
      BreakingDatabase.left = Number.POSITIVE_INFINITY;
      const options = { path, durability: "normal", creator: "test" } as const;
      const connections = [0, 1].map(() => openDatabase(BreakingDatabase, options));
      const runners = connections.map((one) => new OperationRunner(one));
      const [connection] = connections as [Connection];
      let nowMs = 1_000_000;
      let late = 0;
      for (const [index, step] of asked.entries()) {
        nowMs += step.passMs;
        const dump = (): string =>
          JSON.stringify(
            ["account", "reservation", "lease"].map((table) =>
              connection.prepare(`SELECT * FROM ${table} ORDER BY id`).all(),
            ),
          );
        const before = dump();
        late += chargedLate(connection, step);
        BreakingDatabase.left = step.breaksAt;
        try {
          runners[step.by]?.run([operationOf(step, index + 1)], nowMs);
          BreakingDatabase.left = Number.POSITIVE_INFINITY;
        } catch {
          broken++;
          BreakingDatabase.left = Number.POSITIVE_INFINITY;
          assert.equal(dump(), before, "nothing is half done");
        }
        check(connection, late);
      }
      for (const one of connections) one.close();
    }),
    { numRuns: 60 },
  );
  assert.ok(broken > 100, `${broken} transactions broke`);
});
