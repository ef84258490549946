import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { StoreUnavailableError } from "@burnrate/core";
import { afterAll, describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, only, reservationOf } from "./testing/accounts.ts";
import { mountSmallDisk, NO_DISK } from "./testing/small-disk.ts";

const disk = mountSmallDisk();
afterAll(() => disk?.remove());
const account = accountOf("a", 1_000_000);

/** What a store says that has no room. */
async function assertNoRoom(run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error: Error) => {
    assert.ok(error instanceof StoreUnavailableError, error.message);
    assert.match(error.message, /^BR8001 No room on the disk.*Make room/);
    return true;
  });
}

for (const driver of ["node:sqlite", "better-sqlite3"] as const) {
  describe.skipIf(disk === undefined)(
    disk === undefined ? NO_DISK : `a real disk that is full, on ${driver}`,
    () => {
      const folder = join(disk?.folder ?? "", driver.replace(":", "-"));

      test("has no store made on it, not even half of one", async () => {
        const makeRoom = disk?.fill();
        const path = join(folder, "new.db");
        const { ledger } = sqliteStore({ path, driver });
        await assertNoRoom(async () => ledger.ready());
        assert.equal(existsSync(path), false);
        makeRoom?.();
        await ledger.ready();
        await ledger.close();
      });

      test("refuses what it cannot keep, keeps what it had, and goes on when there is room", async () => {
        const { ledger } = sqliteStore({ path: join(folder, "state.db"), driver });
        await ledger.reserve([reservationOf("before", account, 1)]);
        const makeRoom = disk?.fill();
        let answered = 1;
        const reserve = async (id: string): Promise<void> => {
          const reply = await ledger.reserve([reservationOf(id, account, 1)]);
          assert.equal(only(reply).kind, "reserved");
          answered++;
        };
        await assertNoRoom(async () => {
          for (let index = 0; index < 5_000; index++) await reserve(`r${index}`);
        });
        await assertNoRoom(() => reserve("again"));
        makeRoom?.();
        await reserve("afterwards");
        assert.equal((await balanceOf(ledger, account)).held, answered);
        await ledger.close();
      });
    },
  );
}
