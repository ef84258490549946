import { strict as assert } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import type { AccountWindow } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import BetterDatabase from "better-sqlite3";
import { describe, test } from "vitest";
import type { Database } from "./database/driver.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, only, reservationOf } from "./testing/accounts.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const DAY_MS = 86_400_000;

/** The same copy of SQLite as the store's: another one in this process would undo its locks. */
const classes = { "node:sqlite": DatabaseSync, "better-sqlite3": BetterDatabase } as const;
const drivers = ["node:sqlite", "better-sqlite3"] as const;

/** A store on a clock of its own, and how many rows a table of it has. */
function opened(driver: (typeof drivers)[number]) {
  const path = temporaryFile();
  const clock = createFakeClock();
  const store = sqliteStore({ path, clock, driver });
  const rows = (table: string): number => {
    const database: Database = new classes[driver](path);
    const row = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
    database.close();
    return (row as { readonly count: number }).count;
  };
  return { ...store, clock, rows };
}

for (const driver of drivers) {
  describe(`what nobody will ask for any more is forgotten, on ${driver}`, () => {
    test("ended reservations, leases and charges, once they would have expired", async () => {
      const { ledger, clock, rows } = opened(driver);
      const account = accountOf("a", 1_000_000);
      const atMs = clock.wallMs();
      const ids = Array.from({ length: 2_500 }, (_, index) => `r${index}`);
      await ledger.reserve(ids.map((id) => reservationOf(id, account, 1)));
      await ledger.settle(ids.map((id) => ({ id, as: "settled", amounts: [1] })));
      const lease = { id: "l", account, amount: 5, minimum: 1, maxShare: 1, ttlMs: 1_000, atMs };
      await ledger.lease([lease]);
      await ledger.returnLeases([{ id: "l", revision: 1, settled: 5, unknown: 0, kept: 0, atMs }]);
      await ledger.charge([{ id: "c", account, amount: 1, atMs, rememberMs: 1_000 }]);
      assert.deepEqual([rows("reservation"), rows("lease"), rows("charge")], [2_500, 1, 1]);
      clock.advance(3_600_001);
      for (let run = 0; run < 3; run++) await ledger.balances([account]);
      assert.deepEqual([rows("reservation"), rows("lease"), rows("charge")], [0, 0, 0]);
      assert.equal((await balanceOf(ledger, account)).settled, 2_506);
      await ledger.close();
    });

    test("a call whose truth never came stays charged for good after a month", async () => {
      const { ledger, clock, rows } = opened(driver);
      const account = accountOf("a", 1_000);
      await ledger.reserve([reservationOf("gone", account, 30, { dispatched: true })]);
      const lease = { id: "l", account, amount: 50, minimum: 1, maxShare: 1, atMs: 0 };
      await ledger.lease([{ ...lease, ttlMs: 1_000 }]);
      clock.advance(2 * 3_600_000);
      assert.equal((await balanceOf(ledger, account)).unknown, 80);
      clock.advance(31 * DAY_MS);
      for (let run = 0; run < 2; run++) await ledger.balances([account]);
      const nothing = { held: 0, leased: 0, unknown: 0 };
      assert.deepEqual(await balanceOf(ledger, account), { ...nothing, settled: 80 });
      assert.deepEqual([rows("reservation"), rows("lease")], [0, 0]);
      await ledger.close();
    });

    test("accounts of windows that ended a week ago, and of idle tasks; no others", async () => {
      const { ledger, clock, rows } = opened(driver);
      const endsAtMs = clock.wallMs() + DAY_MS;
      const day: AccountWindow = { kind: "fixed", startsAtMs: clock.wallMs(), endsAtMs };
      const kept = [accountOf("total", 100), accountOf("held", 100, { window: day })];
      const gone = [
        accountOf("day", 100, { window: day, windowKey: "day" }),
        accountOf("task", 100, { ephemeral: true }),
        accountOf("rolling", 100, {
          window: { kind: "rolling", lengthMs: 60_000, sliceMs: 1_000 },
          windowKey: "rolling",
        }),
      ];
      for (const account of [...kept, ...gone]) {
        const id = `r ${account.key}`;
        await ledger.reserve([reservationOf(id, account, 5, { expiresInMs: 99 * DAY_MS })]);
        if (account.key !== "held") await ledger.settle([{ id, as: "settled", amounts: [5] }]);
      }
      clock.advance(5 * DAY_MS);
      await ledger.balances([]);
      assert.equal(rows("account"), 5);
      clock.advance(26 * DAY_MS);
      await ledger.balances([]);
      assert.equal(rows("account"), 2);
      for (const account of gone) assert.equal((await balanceOf(ledger, account)).settled, 0);
      assert.equal((await balanceOf(ledger, accountOf("total", 100))).settled, 5);
      await ledger.close();
    });

    test("but nothing by a clock that is ahead for a while: what was spent today stays spent", async () => {
      const { ledger, clock } = opened(driver);
      const today = clock.wallMs();
      const day: AccountWindow = { kind: "fixed", startsAtMs: today, endsAtMs: today + DAY_MS };
      const account = accountOf("day", 100, { window: day, windowKey: "day" });
      await ledger.reserve([reservationOf("r", account, 100)]);
      await ledger.settle([{ id: "r", as: "settled", amounts: [100] }]);
      clock.setWall(today + 40 * DAY_MS);
      for (let minute = 0; minute < 3; minute++) {
        await ledger.balances([]);
        clock.advance(61_000);
      }
      clock.setWall(today + 200_000);
      const [answer] = (await ledger.reserve([reservationOf("r2", account, 1)])).results;
      assert.equal(answer?.kind, "refused");
      await ledger.close();
    });

    test("the dead, acknowledgements and delivered messages", async () => {
      const { ledger, fleet, outbox, clock, rows } = opened(driver);
      await fleet?.beat("p", 1_000);
      await fleet?.acknowledge({ killId: "k", process: "p", aborted: 1 });
      await outbox?.add([{ id: "m", topic: "t", body: "b", dueAtMs: 0 }]);
      await outbox?.done(["m"]);
      clock.advance(DAY_MS);
      await ledger.balances([]);
      const tables = ["process", "acknowledgement", "outbox"];
      assert.deepEqual(tables.map(rows), [0, 0, 1]);
      clock.advance(1.1 * DAY_MS);
      await ledger.balances([]);
      assert.deepEqual(tables.map(rows), [0, 0, 0]);
      await ledger.close();
    });

    test("a backlog of calls that expired is worked off, a bounded part at a time", async () => {
      const { ledger, clock } = opened(driver);
      const account = accountOf("a", 1_000);
      const ids = Array.from({ length: 200 }, (_, index) => `r${index}`);
      await ledger.reserve(ids.map((id) => reservationOf(id, account, 1)));
      clock.advance(3_600_001);
      const held: number[] = [];
      for (let run = 0; run < 4; run++) held.push((await balanceOf(ledger, account)).held);
      assert.deepEqual(held, [136, 72, 8, 0]);
      await ledger.close();
    });
  });
}

test("hostile names are texts, whatever is in them", async () => {
  const { ledger, state, killLog } = opened("node:sqlite");
  const names = [
    "\0",
    "a\0b",
    "a\0c",
    "\ud800",
    "\udfff",
    "\ue000",
    "\u{10ffff}",
    "'; DROP TABLE account;--",
  ];
  for (const [index, name] of names.entries()) {
    const account = accountOf(name, 1_000);
    assert.equal(
      only(await ledger.reserve([reservationOf(name, account, index + 1)])).kind,
      "reserved",
    );
    assert.equal(await state?.write(name, name, 0), 1);
  }
  for (const [index, name] of names.entries()) {
    assert.equal((await balanceOf(ledger, accountOf(name, 1_000))).held, index + 1);
    assert.deepEqual(await state?.read(name), { value: name, revision: 1 });
  }
  assert.deepEqual((await state?.keys(""))?.toSorted(), names.toSorted());
  assert.deepEqual(await state?.keys("a\0"), ["a\0b", "a\0c"]);
  const line = { kind: "revive", id: "\ud800\0", reason: "\0", by: "\u2028", atMs: 1 } as const;
  assert.deepEqual(await killLog.append(line), { ...line, epoch: 1 });
  assert.deepEqual(await killLog.read(0), [{ ...line, epoch: 1 }]);
  await ledger.close();
});
