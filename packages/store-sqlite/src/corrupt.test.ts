import { strict as assert } from "node:assert";
import {
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { createGuard, StoreUnavailableError } from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, test } from "vitest";
import { type SqliteStoreOptions, sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, reservationOf } from "./testing/accounts.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const PAGE = 4_096;

/** Ways in which files are damaged. */
const damages: Readonly<Record<string, (path: string) => void>> = {
  "cut in half": (path) => truncateSync(path, 2.5 * PAGE),
  "cut within its header": (path) => truncateSync(path, 60),
  "whose header is garbage": (path) => overwrite(path, 0, 100),
  "whose pages were flipped": (path) => {
    const bytes = readFileSync(path);
    for (let at = 2 * PAGE; at + 2 * PAGE <= bytes.length; at += 2 * PAGE) {
      const page = Buffer.from(bytes.subarray(at, at + PAGE));
      bytes.copyWithin(at, at + PAGE, at + 2 * PAGE);
      page.copy(bytes, at + PAGE);
    }
    writeFileSync(path, bytes);
  },
  "whose pages are garbage": (path) => overwrite(path, 2 * PAGE, 18 * PAGE),
  "that has lost its content": (path) => truncateSync(path, 0),
};

function overwrite(path: string, from: number, to: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, from, to);
  writeFileSync(path, bytes);
}

/** A file with accounts, one of which has 70 settled, and a kill. */
async function filledFile(): Promise<string> {
  const path = temporaryFile();
  const { ledger, killLog } = sqliteStore({ path });
  for (let index = 0; index < 50; index++) {
    const account = accountOf(index === 0 ? "kept" : `account ${index}`, 1_000);
    await ledger.reserve([reservationOf(`r${index}`, account, 100)]);
    await ledger.settle([{ id: `r${index}`, as: "settled", amounts: [70] }]);
  }
  const line = { kind: "revive", id: "any", reason: "r", by: "b", atMs: 1 } as const;
  await killLog.append(line);
  await ledger.close();
  return path;
}

/** Uses all that is in a store, and gives the error that this meets. */
async function failureOf(options: SqliteStoreOptions): Promise<Error> {
  const { ledger, killLog } = sqliteStore(options);
  try {
    await ledger.reserve([reservationOf("next", accountOf("kept", 1_000), 1)]);
    await killLog.read(0);
  } catch (error) {
    return error as Error;
  } finally {
    await ledger.close();
  }
  throw new Error("it did not fail");
}

/** Files beside the store that begin with its name, without the name. */
function beside(path: string): string[] {
  const names = readdirSync(dirname(path)).filter((name) => name !== basename(path));
  return names.map((name) => name.slice(basename(path).length)).toSorted();
}

for (const [what, damage] of Object.entries(damages)) {
  describe(`a file ${what}`, () => {
    test("is refused and left as it is, unless told otherwise", async () => {
      const path = await filledFile();
      damage(path);
      const before = readFileSync(path);
      for (let attempt = 0; attempt < 2; attempt++) {
        const { message } = await failureOf({ path });
        assert.match(message, /BR8001 .*damaged.*left as it is|BR9001 .*empty file.*backup/);
      }
      assert.deepEqual(readFileSync(path), before);
      assert.deepEqual(beside(path), ["-kill"]);
    });

    test("is kept aside when that was asked for, and nothing is spent before it is revived", async () => {
      const path = await filledFile();
      damage(path);
      const before = readFileSync(path);
      const clock = createFakeClock();
      const store = sqliteStore({ path, clock, onCorrupt: "set-aside" });
      const guard = createGuard({
        budgets: [{ id: "b", limit: { calls: 5 }, window: "total" }],
        store,
      });
      const request = { kind: "tool", name: "t" } as const;
      await assert.rejects(
        async () => guard.begin(request),
        /was damaged. It is kept as .*corrupt-.*Reconcile the budgets/,
      );
      const [aside = ""] = beside(path).filter((name) => /^\.corrupt-[\dTZ.-]+$/.test(name));
      assert.deepEqual(readFileSync(`${path}${aside}`), before);
      const [line] = await store.killLog.read(0);
      assert.equal(line?.kind, "kill");
      await guard.reconcile([{ budget: "b", spent: { calls: 3 } }], { reason: "seen", by: "me" });
      await guard.revive(line?.id ?? "", { reason: "looked", by: "me" });
      assert.equal(await guard.run(request, async () => ({ value: 1 })), 1);
      assert.equal((await guard.budgets())[0]?.settled, 4);
      await guard.close();
    });
  });
}

describe("a file that is kept aside", () => {
  test("is one of ours: what others own is never moved", async () => {
    const path = temporaryFile();
    writeFileSync(path, "These are my notes, not a database. ".repeat(100));
    const before = readFileSync(path);
    assert.match((await failureOf({ path, onCorrupt: "set-aside" })).message, /BR8001/);
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual(beside(path), []);
  });

  test("makes one successor, however many processes find it damaged", async () => {
    const path = await filledFile();
    damages["whose header is garbage"]?.(path);
    const stores = Array.from({ length: 4 }, () => sqliteStore({ path, onCorrupt: "set-aside" }));
    await Promise.all(stores.map(({ ledger }) => ledger.ready()));
    const lines = await Promise.all(stores.map(({ killLog }) => killLog.read(0)));
    for (const one of lines) assert.deepEqual(one, lines[0]);
    assert.equal(lines[0]?.length, 1);
    await Promise.all(stores.map(({ ledger }) => ledger.close()));
  });

  test("leaves a sound file alone", async () => {
    const path = await filledFile();
    const { ledger } = sqliteStore({ path, onCorrupt: "set-aside" });
    assert.equal((await balanceOf(ledger, accountOf("kept", 1_000))).settled, 70);
    await ledger.close();
  });
});

describe("a file that is replaced while it is opened", () => {
  const moments = ["before", "after", "before it writes"];
  test.each(moments)("%s: what is there in the end is used", async (when) => {
    for (const onCorrupt of ["refuse", "set-aside"] as const) {
      const path = await filledFile();
      const successor = sqliteStore({ path: `${path}.next` });
      await successor.ledger.reserve([reservationOf("r", accountOf("kept", 1_000), 5)]);
      await successor.ledger.close();
      const driver = new URL(`./testing/late-driver.ts?when=${when}`, import.meta.url);
      const { ledger } = sqliteStore({ path, driver, onCorrupt });
      const { held, settled } = await balanceOf(ledger, accountOf("kept", 1_000));
      assert.deepEqual({ held, settled }, { held: 5, settled: 0 });
      await ledger.close();
    }
  });
});

describe("a file that is taken away while it is in use", () => {
  test("is missed: nothing is spent that other processes cannot see", async () => {
    const path = await filledFile();
    const { ledger } = sqliteStore({ path });
    await ledger.ready();
    const reserve = async (id: string) =>
      ledger.reserve([reservationOf(id, accountOf("kept", 1_000), 1)]);
    renameSync(path, `${path}.moved`);
    await assert.rejects(
      () => reserve("gone"),
      (error: Error) => {
        assert.ok(error instanceof StoreUnavailableError);
        assert.match(error.message, /was removed, moved or replaced.*Put it back, or restart/);
        return true;
      },
    );
    renameSync(`${path}.moved`, path);
    await reserve("back");
    assert.equal((await balanceOf(ledger, accountOf("kept", 1_000))).held, 1);
    rmSync(path);
    await assert.rejects(() => reserve("removed"), /was removed/);
    await ledger.close();
  });

  test("is missed, too, when only its -wal file is: what stands there would be gone", async () => {
    const path = await filledFile();
    const { ledger } = sqliteStore({ path });
    const reserve = async (id: string) =>
      ledger.reserve([reservationOf(id, accountOf("kept", 1_000), 1)]);
    await reserve("before");
    renameSync(`${path}-wal`, `${path}-wal.moved`);
    await assert.rejects(
      () => reserve("gone"),
      /-wal file was removed.*nothing of this was written/,
    );
    renameSync(`${path}-wal.moved`, `${path}-wal`);
    await reserve("back");
    assert.equal((await balanceOf(ledger, accountOf("kept", 1_000))).held, 2);
    await ledger.close();
  });
});
