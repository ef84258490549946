import { randomUUID } from "node:crypto";
import type { NewKillEntry } from "@burnrate/core";
import { createClient, RESP_TYPES } from "redis";
import { describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { canRunRedis, NO_SERVER, openRedisTarget } from "./testing/redis-target.ts";
import { until } from "./testing/world.ts";

const canRun = canRunRedis();

function killOf(id: string): NewKillEntry {
  const common = { reason: "r", by: "b", atMs: 1, expiresAtMs: undefined };
  return { kind: "kill", id, target: { agent: "a" }, level: "stop", ...common };
}

describe.skipIf(!canRun)(canRun ? "a server that lost its last kills" : NO_SERVER, () => {
  for (const count of [1, 2, 3]) {
    test(`has ${count} new under the numbers of two lost ones heard, and the lost ones again`, async () => {
      const target = await openRedisTarget();
      const client = await createClient({ url: target.url }).connect();
      const namespace = `lost-${randomUUID()}`;
      const [store, other] = [redisStore({ client, namespace }), redisStore({ client, namespace })];
      const heard: string[] = [];
      await store.ledger.ready();
      store.killLog.subscribe(({ id }) => heard.push(id));
      await other.killLog.append(killOf("kept"));
      const [log, epoch] = [`{${namespace}}:kills`, `{${namespace}}:epoch`];
      const saved = await client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).dump(log);
      for (const id of ["lost 1", "lost 2"]) await other.killLog.append(killOf(id));
      await until("all of them", () => heard.length === 3);

      // In one step, as a server comes back: nobody looks in between.
      await client.multi().restore(log, 0, saved, { REPLACE: true }).set(epoch, "1").exec();
      const ids = ["new 1", "new 2", "new 3"].slice(0, count);
      for (const id of ids) await other.killLog.append(killOf(id));
      await until("the new ones", () => ids.every((id) => heard.includes(id)));
      await until("the lost ones", async () => (await other.killLog.read(0)).length === 3 + count);
      const lines = (await other.killLog.read(0)).map(({ id }) => id);
      expect(lines.toSorted()).toEqual(["kept", "lost 1", "lost 2", ...ids]);
      expect(heard.filter((id) => id === "kept" || ids.includes(id))).toEqual(["kept", ...ids]);

      await store.ledger.close();
      await other.ledger.close();
      client.destroy();
      await target.stop();
    });
  }
});
