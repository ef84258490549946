import { randomUUID } from "node:crypto";
import type { NewKillEntry } from "@burnrate/core";
import { createClient, RESP_TYPES } from "redis";
import { describe, expect, test } from "vitest";
import { redisStore } from "./redis-store.ts";
import { startRedisServer } from "./testing/redis-server.ts";
import {
  canRunRedis,
  canStartRedis,
  NO_BINARY,
  NO_SERVER,
  openRedisTarget,
} from "./testing/redis-target.ts";
import { until } from "./testing/world.ts";

const canRun = canRunRedis();
const canStart = canStartRedis();

function killOf(id: string): NewKillEntry {
  const common = { reason: "r", by: "b", atMs: 1, expiresAtMs: undefined };
  return { kind: "kill", id, target: { agent: "a" }, level: "stop", ...common };
}

function reviveOf(id: string): NewKillEntry {
  return { kind: "revive", id, reason: "r", by: "b", atMs: 2 };
}

function limitOf(id: string, limit: number): NewKillEntry {
  const common = { unit: "usd", configured: 5, reason: "r", by: "b", atMs: 2 } as const;
  return { kind: "limit", id, limit, ...common };
}

const connectTo = (url: string) => createClient({ url }).connect();

/** The log of a namespace as it is, to be put somewhere as a server comes back. */
async function savedLog(
  client: Awaited<ReturnType<typeof connectTo>>,
  namespace: string,
): Promise<Buffer> {
  const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return (await buffers.dump(`{${namespace}}:kills`)) as Buffer;
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

  test("is not told again what was taken back or changed since", async () => {
    const target = await openRedisTarget();
    const client = await connectTo(target.url);
    const namespace = `since-${randomUUID()}`;
    const successor = redisStore({ client, namespace: `${namespace}-next` });
    const since = [killOf("kept"), limitOf("opus", 10), reviveOf("revived since")];
    for (const line of since) await successor.killLog.append(line);
    const store = redisStore({ client, namespace });
    let heard = 0;
    await store.ledger.ready();
    store.killLog.subscribe(() => heard++);
    const lost = [killOf("revived since"), limitOf("opus", 20), killOf("lost")];
    for (const line of [killOf("kept"), ...lost]) await store.killLog.append(line);
    await until("all of them", () => heard === 4);

    const saved = await savedLog(client, `${namespace}-next`);
    const log = `{${namespace}}:kills`;
    const step = client.multi().restore(log, 0, saved, { REPLACE: true });
    await step.set(`{${namespace}}:epoch`, "3").exec();
    await until("the lost one again", () => heard === 7);
    const lines = (await store.killLog.read(0)).map(({ epoch: _, ...line }) => line);
    expect(lines).toEqual([...since, killOf("lost")]);

    for (const { ledger } of [store, successor]) await ledger.close();
    client.destroy();
    await target.stop();
  });
});

describe.skipIf(!canStart)(canStart ? "a primary that is made a replica" : NO_BINARY, () => {
  test("has kills that it lost written again once it takes writes", async () => {
    const server = await startRedisServer();
    const client = await connectTo(server.url);
    const store = redisStore({ client, namespace: "demoted", timeoutMs: 100 });
    const heard: string[] = [];
    await store.ledger.ready();
    store.killLog.subscribe(({ id }) => heard.push(id));
    await store.killLog.append(killOf("kept"));
    const saved = await savedLog(client, "demoted");
    await store.killLog.append(killOf("lost"));
    await until("both", () => heard.length === 2);

    const step = client.multi().restore("{demoted}:kills", 0, saved, { REPLACE: true });
    step.set("{demoted}:epoch", "1").addCommand(["REPLICAOF", "127.0.0.1", "1"]);
    await step.exec();
    const refused = async (): Promise<boolean> =>
      /errorstat_READONLY:count=[1-9]/.test(await client.info("errorstats"));
    await until("a write that is refused", refused);
    await client.sendCommand(["REPLICAOF", "NO", "ONE"]);
    await until("the lost one", async () => (await store.killLog.read(0)).length === 2);
    expect((await store.killLog.read(0)).map(({ id }) => id)).toEqual(["kept", "lost"]);

    await store.ledger.close();
    client.destroy();
    await server.stop();
  });
});
