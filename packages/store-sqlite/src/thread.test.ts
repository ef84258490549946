import { strict as assert } from "node:assert";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, only, reservationOf } from "./testing/accounts.ts";
import { forkProcess } from "./testing/fork-process.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

describe("the thread of the database", () => {
  test("waits for a lock of another process; the application does not", async () => {
    const path = temporaryFile();
    const { ledger } = sqliteStore({ path });
    await ledger.ready();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    let isAnswered = false;
    const account = accountOf("a", 10);
    const asked = Promise.resolve(ledger.reserve([reservationOf("r", account, 1)]));
    const answered = asked.then((reply) => {
      isAnswered = true;
      return only(reply).kind;
    });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    delay.disable();
    assert.equal(isAnswered, false);
    assert.ok(delay.percentile(50) / 1e6 < 50, "turns go on");
    other.exec("COMMIT");
    other.close();
    assert.equal(await answered, "reserved");
    await ledger.close();
  });

  test("asks again for whatever others had locked: to open, to read and to write", async () => {
    const path = temporaryFile();
    const driver = new URL("./testing/busy-driver.ts", import.meta.url);
    for (const onCorrupt of ["refuse", "set-aside"] as const) {
      const { ledger, killLog, fleet, state, outbox } = sqliteStore({ path, driver, onCorrupt });
      await ledger.ready();
      const reply = await ledger.reserve([reservationOf("r", accountOf("a", 10), 1)]);
      assert.ok(["reserved", "duplicate"].includes(only(reply).kind));
      assert.deepEqual(await killLog.read(0), []);
      await fleet?.beat("p", 60_000);
      assert.deepEqual(await fleet?.living(), ["p"]);
      assert.deepEqual(await fleet?.acknowledgements("k"), []);
      assert.equal(await state?.read("k"), undefined);
      assert.deepEqual(await state?.keys("k"), []);
      assert.equal(await outbox?.waiting("t"), 0);
      await ledger.close();
    }
  });

  test("does not keep a process alive that has nothing more to do", async () => {
    const { said, ended } = forkProcess("./idler.ts", { path: temporaryFile() });
    assert.equal(await ended, 0);
    assert.deepEqual(said, [{ idle: true }]);
  });

  test("finishes what it was asked before it closes, and answers nothing afterwards", async () => {
    const path = temporaryFile();
    const { ledger, state } = sqliteStore({ path });
    const writes = Array.from({ length: 20 }, (_, index) => state?.write(`k${index}`, "v", 0));
    const closed = ledger.close();
    assert.ok((await Promise.all(writes)).every((revision) => revision === 1));
    await closed;
    await ledger.close();
    await assert.rejects(async () => state?.read("k1"), /BR8001 The store is closed/);
    await assert.rejects(async () => ledger.reserve([]), /closed/);
    const again = sqliteStore({ path });
    assert.equal((await again.state?.keys("k"))?.length, 20);
    await again.ledger.close();
  });

  for (const driver of ["node:sqlite", "better-sqlite3"]) {
    test(`ends by itself when it is closed, on ${driver}`, async () => {
      assert.equal(await exitCodeOf(driver), 0);
    });
  }

  test("is ended when its driver would keep it", async () => {
    const driver = new URL("./testing/stay-driver.ts", import.meta.url);
    assert.equal(await exitCodeOf(driver), 1);
  });

  test("is never started by a store that is not used", async () => {
    const { ledger } = sqliteStore({ path: "/nowhere/at/all/state.db" });
    await ledger.close();
  });

  test("that failed to open tries again when it is asked again", async () => {
    const path = temporaryFile();
    const foreign = new DatabaseSync(path);
    foreign.exec("PRAGMA application_id = 7; CREATE TABLE t (a)");
    const { ledger } = sqliteStore({ path });
    await assert.rejects(async () => ledger.ready(), /another program/);
    foreign.exec("DROP TABLE t; PRAGMA application_id = 1651666546");
    foreign.close();
    await ledger.ready();
    assert.equal((await balanceOf(ledger, accountOf("a", 1))).held, 0);
    await ledger.close();
  });
});

/** How the thread ends of a store that is opened and closed. */
async function exitCodeOf(driver: string | URL): Promise<unknown> {
  const exitCode = new Promise((resolve) => {
    process.once("worker", (worker) => worker.once("exit", resolve));
  });
  const { ledger } = sqliteStore({ path: temporaryFile(), driver });
  await ledger.ready();
  await ledger.close();
  return exitCode;
}
