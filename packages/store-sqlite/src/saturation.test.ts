import { strict as assert } from "node:assert";
import { describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { accountOf, balanceOf } from "./testing/accounts.ts";
import { temporaryFile } from "./testing/temporary-file.ts";

const MOST = Number.MAX_SAFE_INTEGER;

describe("a lease of which more is unknown than a column can say", () => {
  test("can still be returned, and its account used", async () => {
    const { ledger } = sqliteStore({ path: temporaryFile() });
    const account = accountOf("a", MOST);
    const given = { amount: 10, minimum: 10, maxShare: 1, ttlMs: 60_000, atMs: 0 };
    await ledger.lease([{ id: "l", account, ...given }]);
    const revisions = [
      { settled: 0, unknown: MOST, kept: 5 },
      { settled: Number.NaN, unknown: 0, kept: 0 },
      { settled: 7, unknown: 0, kept: 0 },
    ];
    const unknown: (number | undefined)[] = [];
    for (const [index, figures] of revisions.entries()) {
      const back = { id: "l", revision: index + 1, atMs: 0, ...figures };
      const { results } = await ledger.returnLeases([back]);
      unknown.push(results[0]?.balance?.unknown);
    }
    assert.deepEqual(unknown, [MOST, MOST, 0]);
    assert.equal((await balanceOf(ledger, account)).settled, 7);
    await ledger.close();
  });
});
