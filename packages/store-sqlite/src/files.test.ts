import { strict as assert } from "node:assert";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError, isGuardError, StoreUnavailableError } from "@burnrate/core";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf, only, reservationOf } from "./testing/accounts.ts";
import { forkProcess } from "./testing/fork-process.ts";
import { LEDGER_SCHEMA_1 } from "./testing/schema-1.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** Opens a store and gives the error that this meets. */
async function failureOf(path: string): Promise<Error> {
  const { ledger } = sqliteStore({ path });
  try {
    return await errorOf(async () => ledger.ready());
  } finally {
    await ledger.close();
  }
}

async function errorOf(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

/** A file with one account on which 70 are settled. */
async function filledFile(): Promise<string> {
  const path = temporaryFile();
  const { ledger } = sqliteStore({ path });
  await ledger.reserve([reservationOf("first", accountOf("kept", 1_000), 100)]);
  await ledger.settle([{ id: "first", as: "settled", amounts: [70] }]);
  await ledger.close();
  return path;
}

describe("a path that is a link", () => {
  for (const there of ["is there", "is still to be made"]) {
    test(`leads to one file, which ${there}, by both names`, async () => {
      const target = there === "is there" ? await filledFile() : temporaryFile();
      const link = temporaryFile();
      symlinkSync(target, link);
      const { ledger } = sqliteStore({ path: link });
      await ledger.reserve([reservationOf("linked", accountOf("kept", 1_000), 100)]);
      await ledger.settle([{ id: "linked", as: "settled", amounts: [5] }]);
      await ledger.close();
      const direct = sqliteStore({ path: target });
      const { settled } = await balanceOf(direct.ledger, accountOf("kept", 1_000));
      assert.equal(settled, there === "is there" ? 75 : 5);
      await direct.ledger.close();
    });
  }

  test("may lead to another link, and up from a folder that is a link: the file is made at the end", async () => {
    const folder = dirname(temporaryFile());
    const inner = join(folder, "deep", "inner");
    mkdirSync(inner, { recursive: true });
    symlinkSync(inner, join(folder, "shortcut"));
    symlinkSync("../second.db", join(inner, "first.db"));
    symlinkSync("third.db", join(folder, "deep", "second.db"));
    const { ledger } = sqliteStore({ path: join(folder, "shortcut", "first.db") });
    await ledger.reserve([reservationOf("linked", accountOf("kept", 1_000), 100)]);
    await ledger.close();
    const direct = sqliteStore({ path: join(folder, "deep", "third.db") });
    assert.equal((await balanceOf(direct.ledger, accountOf("kept", 1_000))).held, 100);
    await direct.ledger.close();
  });
});

describe("the file", () => {
  test("is made with its folders, for this user alone", async () => {
    const path = join(dirname(temporaryFile()), "deep", "er", "state.db");
    const { ledger, killLog } = sqliteStore({ path });
    assert.equal(existsSync(path), false, "not before it is used");
    await killLog.read(0);
    assert.equal(modeOf(dirname(path)), "700");
    assert.equal(modeOf(dirname(dirname(path))), "700");
    for (const suffix of ["", "-wal", "-shm", "-kill"]) {
      assert.equal(modeOf(`${path}${suffix}`), "600", suffix);
    }
    await ledger.close();
    assert.deepEqual(readdirSync(dirname(path)), ["state.db", "state.db-kill"]);
  });

  test("is made once by processes that start together", async () => {
    const path = temporaryFile();
    const stores = Array.from({ length: 8 }, () => sqliteStore({ path }));
    await Promise.all(stores.map(({ ledger }) => ledger.ready()));
    const account = accountOf("shared", 8);
    const results = await Promise.all(
      stores.map(({ ledger }, index) => ledger.reserve([reservationOf(`r${index}`, account, 1)])),
    );
    assert.ok(results.every((reply) => only(reply).kind === "reserved"));
    await Promise.all(stores.map(({ ledger }) => ledger.close()));
    assert.ok(readdirSync(dirname(path)).every((name) => !name.includes("-new-")));
  });

  test("of the previous schema opens, with its balances and kills", async () => {
    const path = temporaryFile();
    const old = new DatabaseSync(path);
    old.exec(LEDGER_SCHEMA_1);
    old.close();
    const { ledger, killLog, state } = sqliteStore({ path });
    const account = accountOf("old", 1_000);
    assert.deepEqual(await balanceOf(ledger, account), {
      ...{ settled: 70, held: 100, leased: 40, unknown: 5 },
    });
    assert.equal(
      only(await ledger.settle([{ id: "held-1", as: "settled", amounts: [90] }])).applied,
      true,
    );
    assert.equal((await balanceOf(ledger, account)).settled, 160);
    assert.equal((await killLog.read(0))[0]?.id, "old-kill");
    assert.equal(await state?.write("new", "table", 0), 1);
    await ledger.close();
  });
});

describe("a file that cannot be used is refused, and left as it is", () => {
  test("one that was written by a newer version", async () => {
    const path = await filledFile();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    const error = await failureOf(path);
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^BR9001 .*schema 99.*Update the package/);
  });

  test("one of another program", async () => {
    const path = temporaryFile();
    const foreign = new DatabaseSync(path);
    foreign.exec("CREATE TABLE account (mine TEXT); INSERT INTO account VALUES ('dear to me')");
    foreign.close();
    const before = readFileSync(path);
    const error = await failureOf(path);
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^BR9001 .*another program.*choose another path/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("one that is no database", async () => {
    const path = temporaryFile();
    writeFileSync(path, "These are my notes, not a database. ".repeat(100));
    const before = readFileSync(path);
    const error = await failureOf(path);
    assert.ok(isGuardError(error));
    assert.match(error.message, /damaged, or no database.*backup/);
    assert.deepEqual(readFileSync(path), before);
  });

  test("one that was damaged", async () => {
    const path = await filledFile();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, 8_192);
    writeFileSync(path, bytes);
    const error = await failureOf(path);
    assert.ok(error instanceof StoreUnavailableError);
    assert.match(error.message, /^BR8001 .*damaged.*left as it is.*Stop all processes/);
    assert.deepEqual(readFileSync(path), bytes);
  });

  test("one that has lost its content", async () => {
    const path = await filledFile();
    truncateSync(path, 0);
    const error = await failureOf(path);
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /^BR9001 .*is an empty file.*lost/);
    assert.equal(statSync(path).size, 0);
  });

  test("one that this user may not write, or in a folder that he may not write", async () => {
    const path = await filledFile();
    const { said, ended } = forkProcess("./unprivileged.ts", { path });
    assert.equal(await ended, 0);
    const messages = said.map((one) => String(one["message"]));
    assert.equal(messages.length, 2);
    for (const message of messages) {
      assert.match(
        message,
        /^BR9001 .*cannot be (written|opened).*(Let this user|must name a file)/,
      );
    }
  });

  test("a path that names a folder, or goes through a file", async () => {
    const path = await filledFile();
    for (const wrong of [dirname(path), join(path, "state.db")]) {
      const error = await failureOf(wrong);
      assert.ok(error instanceof ConfigError, error.message);
      assert.match(error.message, /must name a file/);
    }
  });

  test.runIf(process.platform === "linux")("a path in a folder that cannot be made", async () => {
    for (const wrong of ["/proc/none/such/state.db", "/dev/null/none/state.db"]) {
      const error = await failureOf(wrong);
      assert.ok(error instanceof ConfigError, error.message);
      assert.match(error.message, /cannot be opened \(ENO.*must name a file/);
    }
  });
});

describe("a disk that is full", () => {
  test("refuses what it cannot keep, loses nothing, and goes on when there is room", async () => {
    const path = await filledFile();
    const { ledger, state } = sqliteStore({ path });
    await ledger.ready();
    const account = accountOf("kept", 1_000);
    const block = "x".repeat(50_000_000);
    const file = new DatabaseSync(path);
    const { page_count: pages } = file.prepare("PRAGMA page_count").get() as { page_count: number };
    file.close();
    const error = await withMostPages(path, pages + 20, async (tight) => {
      const failed = await errorOf(async () => tight.state?.write("large", block, 0));
      assert.equal((await balanceOf(tight.ledger, account)).settled, 70);
      const fits = await tight.ledger.reserve([reservationOf("small", account, 10)]);
      assert.equal(only(fits).kind, "reserved");
      return failed;
    });
    assert.ok(error instanceof StoreUnavailableError);
    assert.match(error.message, /^BR8001 No room.*SQLITE_FULL.*Make room/);
    assert.equal(await state?.read("large"), undefined);
    assert.equal(await state?.write("large", block, 0), 1);
    assert.equal((await balanceOf(ledger, account)).held, 10);
    await ledger.close();
  });
});

/** Runs on a store whose connection may not let the file grow beyond so many pages. */
async function withMostPages<T>(
  path: string,
  pages: number,
  run: (store: ReturnType<typeof sqliteStore>) => Promise<T>,
): Promise<T> {
  const driver = new URL(`./testing/tight-driver.ts?pages=${pages}`, import.meta.url);
  const store = sqliteStore({ path, driver });
  try {
    return await run(store);
  } finally {
    await store.ledger.close();
  }
}
