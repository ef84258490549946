import type { NewKillEntry } from "@burnrate/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { openStore } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const url = server?.url ?? "";

afterAll(() => server?.stop());

function killOf(id: string): NewKillEntry {
  const common = { reason: "r", by: "b", atMs: 1, expiresAtMs: undefined };
  return { kind: "kill", id, target: { agent: "a" }, level: "stop", ...common };
}

describe.skipIf(server === undefined)("a server that lost its last kills", () => {
  for (const count of [1, 2, 3]) {
    it(`has ${count} new under the numbers of two lost ones heard`, async () => {
      const schema = server?.schema(`lost_${count}`) ?? "";
      const store = openStore(url, schema);
      const other = openStore(url, schema);
      const heard: string[] = [];
      await store.ledger.ready();
      store.killLog.subscribe(({ id }) => heard.push(id));
      for (const id of ["kept", "lost 1", "lost 2"]) await other.killLog.append(killOf(id));
      await vi.waitUntil(() => heard.length === 3, 10_000);

      await other.pool.query(`
        with gone as (delete from ${schema}.kill_log where epoch > 1)
        update ${schema}.burnrate_meta set value = 1 where name = 'kill_epoch'`);
      const ids = ["new 1", "new 2", "new 3"].slice(0, count);
      for (const id of ids) await other.killLog.append(killOf(id));
      await vi.waitUntil(() => heard.length >= 3 + count, 10_000);
      expect(heard).toEqual(["kept", "lost 1", "lost 2", ...ids]);

      await other.killLog.append(killOf("last"));
      await vi.waitUntil(() => heard.includes("last"), 10_000);
      expect(heard).toEqual(["kept", "lost 1", "lost 2", ...ids, "last"]);
      await store.end();
      await other.end();
    });
  }
});
