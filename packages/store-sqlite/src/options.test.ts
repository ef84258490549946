import { strict as assert } from "node:assert";
import { ConfigError } from "@burnrate/core";
import { describe, test } from "vitest";
import { findDriver } from "./find-driver.ts";
import { sqliteStore } from "./sqlite-store.ts";

/** What sqliteStore says to options that are wrong. */
function refusalOf(options: unknown): string {
  try {
    sqliteStore(options as never);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return "accepted";
}

describe("options that are wrong are refused at once, with what they should be", () => {
  const cases: readonly [unknown, RegExp][] = [
    [{ pth: "x" }, /no option "pth".*Did you mean "path"/],
    [{ path: "" }, /sqliteStore.path must be a non-empty string/],
    [{ path: "a\0b" }, /no control characters/],
    [{ path: 7 }, /sqliteStore.path must be/],
    [{ path: ":memory:" }, /must be a file path \(in memory: store: "memory"\)/],
    [{ path: "file:x?mode=memory" }, /must be a file path/],
    [{ durability: "ful" }, /one of "full", "normal".*Did you mean "full"/],
    [{ driver: class {} }, /must be the name of a module, such as "better-sqlite3"/],
    [{ driver: {} }, /sqliteStore.driver must be/],
    [{ clock: {} }, /sqliteStore.clock.wallMs must be a function/],
    ["state.db", /sqliteStore must be an object such as \{ path: "state.db" \}; got/],
  ];
  for (const [options, expected] of cases) {
    test(`${expected}`, () => assert.match(refusalOf(options), expected));
  }
});

describe("the driver", () => {
  test("is Node's own SQLite where that is stable, else better-sqlite3", () => {
    assert.equal(findDriver(undefined, "24.0.0"), "node:sqlite");
    assert.equal(findDriver(undefined, "26.1.0"), "node:sqlite");
    assert.match(findDriver(undefined, "22.18.0"), /^file:.*better-sqlite3/);
    assert.equal(findDriver("node:sqlite", "22.18.0"), "node:sqlite");
  });

  test("that is not installed is named, with what to install", async () => {
    const { ledger } = sqliteStore({ path: "unused.db", driver: "no-such-sqlite" });
    await assert.rejects(
      async () => ledger.ready(),
      /BR9001.*"no-such-sqlite" is not installed.*npm/,
    );
    await ledger.close();
  });
});
