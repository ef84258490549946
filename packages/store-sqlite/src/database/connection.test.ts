import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import BetterDatabase from "better-sqlite3";
import { describe, test } from "vitest";
import { temporaryFile } from "../testing/temporary-file.ts";
import { Connection } from "./connection.ts";
import type { Database } from "./driver.ts";
import { openDatabase } from "./open-database.ts";
import { toFailure } from "./sqlite-error.ts";

/** What a function fails with, in the user's words. */
function failureOf(path: string, run: () => unknown) {
  try {
    run();
  } catch (error) {
    return toFailure(error, path);
  }
  throw new Error("it did not fail");
}

for (const Driver of [DatabaseSync, BetterDatabase]) {
  describe(`a connection of ${Driver.name}`, () => {
    test("gives up on a file that others keep locked, and says so", () => {
      const path = temporaryFile();
      const other: Database = new Driver(path);
      other.exec("CREATE TABLE t (a); BEGIN IMMEDIATE");
      const database: Database = new Driver(path);
      database.exec("PRAGMA busy_timeout = 0");
      const connection = new Connection(database, path, 20);
      const failure = failureOf(path, () => connection.transaction(() => {}));
      assert.deepEqual([failure.kind, failure.code], ["unavailable", "SQLITE_BUSY"]);
      assert.match(failure.message, /is busy.*other processes kept it locked/);
      other.exec("ROLLBACK");
      connection.transaction(() => connection.prepare("INSERT INTO t VALUES (1)").run());
      for (const one of [connection, other]) one.close();
    });

    test("undoes a transaction that fails", () => {
      const path = temporaryFile();
      const connection = openDatabase(Driver, { path, durability: "full", creator: "test" });
      const insert = (): unknown => connection.prepare("INSERT INTO kill_log VALUES (1, '')").run();
      assert.throws(() =>
        connection.transaction(() => {
          insert();
          throw new Error("on the way");
        }),
      );
      connection.transaction(insert);
      connection.close();
    });
  });
}

test("an SQLite that may lose data is refused before it touches a file", () => {
  class OldDatabase extends DatabaseSync {
    override prepare(sql: string) {
      return super.prepare(sql.replace("sqlite_version()", "'3.51.2'"));
    }
  }
  const path = temporaryFile();
  const options = { path, durability: "full", creator: "test" } as const;
  const failure = failureOf(path, () => openDatabase(OldDatabase, options));
  assert.equal(failure.kind, "config");
  assert.match(failure.message, /SQLite 3.51.2 .*3.51.3 or newer.*Update Node.*better-sqlite3/);
  assert.equal(existsSync(path), false);
});
