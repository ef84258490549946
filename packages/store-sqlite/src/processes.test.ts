import { strict as assert } from "node:assert";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, only, reservationOf } from "./testing/accounts.ts";
import { forkProcess, until } from "./testing/fork-process.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const KILLS = 30;

describe("several processes on one file", () => {
  test("four processes that spend at once all get through, and none overshoots", async () => {
    const path = temporaryFile();
    const limit = 700;
    const names = ["a", "b", "c", "d"];
    const processes = names.map((name) =>
      forkProcess("./spender.ts", { path, name, limit, calls: 150 }),
    );
    assert.deepEqual(await Promise.all(processes.map(({ ended }) => ended)), [0, 0, 0, 0]);
    const ends = processes.map(({ said }) => said.at(-1));
    const { ledger } = sqliteStore({ path });
    const { settled, held } = await balanceOf(ledger, accountOf("shared", limit));
    await ledger.close();
    assert.equal(held, 0);
    assert.ok(settled <= limit && settled >= limit - 3, `${settled} of ${limit} were spent`);
    const told = ends.map((end) => Number(end?.["settled"]));
    assert.equal(
      told.reduce((sum, one) => sum + one, 0),
      settled,
    );
    assert.ok(
      told.every((one) => one > 0),
      `each spent something: ${told}`,
    );
    assert.ok(ends.every((end) => Number(end?.["longestMs"]) < 5_000));
  });

  test("killed at any moment, the file is whole and nothing that was answered is lost", async () => {
    const path = temporaryFile();
    const limit = Number.MAX_SAFE_INTEGER;
    const account = accountOf("shared", limit);
    let [settledAtLeast, sent] = [0, 0];
    for (let round = 0; round < KILLS; round++) {
      const { child, said, ended } = forkProcess("./spender.ts", {
        ...{ path, name: "victim", limit, calls: 100_000 },
      });
      const messages = 1 + ((round * 7) % 40);
      await until("the process to spend", () => said.length >= messages);
      child.kill("SIGKILL");
      assert.equal(await ended, "SIGKILL");
      settledAtLeast += Math.max(0, ...said.map((one) => Number(one["settled"] ?? 0)));
      sent += said.filter((one) => "sent" in one).length;
    }
    const { ledger } = sqliteStore({ path });
    const { settled, held } = await balanceOf(ledger, account);
    await ledger.close();
    assert.ok(settled >= settledAtLeast, `${settled} of at least ${settledAtLeast}`);
    assert.ok(settled <= 2 * (sent + KILLS), `${settled} for ${sent} calls`);
    const database = new DatabaseSync(path);
    assert.deepEqual(
      { ...database.prepare("PRAGMA integrity_check").get() },
      { integrity_check: "ok" },
    );
    const open = database
      .prepare("SELECT count(*) AS count FROM reservation WHERE state <= 1")
      .get();
    database.close();
    assert.equal(held, 3 * Number(open?.["count"]), "what is held is what is open");
  });

  test("what a killed process had sent is charged once its time is over", async () => {
    const path = temporaryFile();
    const { child, said, ended } = forkProcess("./spender.ts", {
      ...{ path, name: "victim", limit: 1_000_000, calls: 100_000 },
    });
    await until("the process to spend", () => said.length >= 20);
    child.kill("SIGKILL");
    await ended;
    const later = { ...clockAt(Date.now() + 2 * 3_600_000) };
    const { ledger } = sqliteStore({ path, clock: later });
    const account = accountOf("shared", 1_000_000);
    const { held, unknown } = await balanceOf(ledger, account);
    assert.equal(held, 0);
    assert.ok(unknown === 0 || unknown === 3, `${unknown} was on its way`);
    const request = reservationOf("next", account, 1);
    assert.equal(only(await ledger.reserve([request])).kind, "reserved");
    await ledger.close();
  });
});

/** A clock that stands. */
function clockAt(wallMs: number) {
  return { wallMs: () => wallMs, monotonicMs: () => 0, setTimer: () => () => {} };
}
