import { randomUUID } from "node:crypto";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type RedisStoreOptions, redisStore } from "./redis-store.ts";
import { type RedisServer, startRedisServer } from "./testing/redis-server.ts";
import { canStartRedis, NO_BINARY } from "./testing/redis-target.ts";
import { accountOf, hold, until } from "./testing/world.ts";

describe("options of redisStore", () => {
  test.each([
    ["nothing", undefined],
    ["a URL", "redis://user:secret@localhost"],
    ["another library's client", { get: () => {}, set: () => {} }],
    ["a client without scripts", { on: () => {}, duplicate: () => {}, subscribe: () => {} }],
  ])("%s is no client, and the message shows the ones that are", (_, client) => {
    const options = { client } as unknown as RedisStoreOptions;
    expect(() => redisStore(options)).toThrow(
      /BR9001 redisStore\.client must be a client of redis/,
    );
  });

  test("a namespace or time that makes no sense is refused", () => {
    const client = new Redis({ lazyConnect: true });
    for (const namespace of ["", "a b", "a}b", "x".repeat(101), "a\u0000"]) {
      expect(() => redisStore({ client, namespace })).toThrow("BR9001 redisStore.namespace");
    }
    for (const timeoutMs of [0, -1, Number.NaN, 1.5]) {
      expect(() => redisStore({ client, timeoutMs })).toThrow("BR9001 redisStore.timeoutMs");
    }
    const misspelt = { client, nameSpace: "x" } as unknown as RedisStoreOptions;
    expect(() => redisStore(misspelt)).toThrow('Did you mean "namespace"?');
    client.disconnect();
  });
});

const canRun = canStartRedis();

describe.skipIf(!canRun)(canRun ? "servers that redisStore refuses" : NO_BINARY, () => {
  let server: RedisServer;
  const closing: (() => void)[] = [];
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });
  afterAll(() => server.stop());

  async function connect(credentials: { username?: string; password?: string } = {}) {
    const client = createClient({ url: server.url, ...credentials });
    client.on("error", () => {}); // some are refused on purpose
    await client.connect();
    closing.push(() => client.isOpen && client.destroy());
    return client;
  }

  async function refusal(client: RedisStoreOptions["client"], namespace?: string) {
    const store = redisStore({ client, timeoutMs: 1_000, ...(namespace && { namespace }) });
    closing.push(() => void store.ledger.close());
    try {
      await store.ledger.ready();
    } catch (error) {
      return String(error);
    }
    return "";
  }

  test("an eviction policy that could drop budgets, until it is mended", async () => {
    const client = await connect();
    for (const policy of ["allkeys-lru", "volatile-ttl", "volatile-lru", "allkeys-random"]) {
      await client.configSet("maxmemory-policy", policy);
      const message = await refusal(client);
      expect(message).toContain(
        `BR9001 redisStore.client is of a server that has maxmemory-policy ${policy}`,
      );
      expect(message).toContain("Set maxmemory-policy to noeviction");
    }
    await client.configSet("maxmemory-policy", "noeviction");
    expect(await refusal(client)).toBe("");
  });

  test("the policy is seen where CONFIG is forbidden, as on managed servers", async () => {
    const admin = await connect();
    await admin.sendCommand([
      "ACL",
      "SETUSER",
      "managed",
      "on",
      ">pw",
      "~*",
      "&*",
      "+@all",
      "-config",
    ]);
    await admin.configSet("maxmemory-policy", "allkeys-lfu");
    const client = await connect({ username: "managed", password: "pw" });
    expect(await refusal(client)).toContain("maxmemory-policy allkeys-lfu");
    await admin.configSet("maxmemory-policy", "noeviction");
    expect(await refusal(client)).toBe("");
  });

  test.each([
    ["write its keys", "~other:* &* +@all"],
    ["tell kills on its channels", "~* resetchannels +@all"],
    ["tell kills at all", "~* &* +@all -publish"],
  ])("a user who may not %s, and what is missing", async (_, rules) => {
    const admin = await connect();
    await admin.sendCommand(["ACL", "SETUSER", "poor", "reset", "on", ">pw", ...rules.split(" ")]);
    const client = await connect({ username: "poor", password: "pw" });
    const message = await refusal(client);
    expect(message).toContain("BR9001 redisStore: the Redis user lacks a permission");
    expect(message).not.toContain("pw");
  });

  test("the permissions that the message names are enough", async () => {
    const admin = await connect();
    const rules =
      "+@connection +@scripting +@read +@write +time +info +subscribe +unsubscribe +publish ~*{mine}:* resetchannels &*{mine}:*";
    await admin.sendCommand(["ACL", "SETUSER", "fair", "on", ">pw", ...rules.split(" ")]);
    const client = await connect({ username: "fair", password: "pw" });
    const store = redisStore({ client, namespace: "mine" });
    await hold(store.ledger, accountOf(100), 10);
    const told: string[] = [];
    store.killLog.subscribe(({ id }) => told.push(id));
    await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
    await until("the line", () => told.length === 1);
    await store.ledger.close();
  });

  test("a client that nobody connected, or that was closed", async () => {
    const fresh = createClient({ url: server.url });
    expect(await refusal(fresh)).toContain("BR9001 redisStore.client is not connected");
    const closed = await connect();
    closed.destroy();
    expect(await refusal(closed)).toContain("Call await client.connect()");
    const ended = new Redis(server.url);
    await ended.ping();
    ended.disconnect();
    await until("its end", () => ended.status === "end");
    expect(await refusal(ended)).toContain("BR9001 redisStore.client is not connected");
  });

  test("an address where nothing listens, what to look at, and not what it is", async () => {
    const client = createClient({
      url: "redis://:secret@127.0.0.1:1",
      socket: { reconnectStrategy: 50 },
    });
    client.on("error", () => {}); // nothing listens
    client.connect().catch(() => {});
    const message = await refusal(client);
    client.destroy();
    expect(message).toContain("BR8001");
    expect(message).toContain("Check that the server runs, and the client's url.");
    expect(message).not.toMatch(/secret|127\.0\.0\.1/);
  });

  test("a namespace of a newer version, or of something else", async () => {
    const client = await connect();
    await client.set("{newer}:schema", `burnrate-store 3 ${randomUUID()}`);
    expect(await refusal(client, "newer")).toContain(
      "written by a newer version of @burnrate/store-redis",
    );
    for (const [namespace, value] of [
      ["foreign", "hello"],
      ["broken", "burnrate-store x y"],
    ] as const) {
      await client.set(`{${namespace}}:schema`, value);
      expect(await refusal(client, namespace)).toContain("Choose another namespace");
    }
    await client.hSet("{hash}:schema", "a", "b");
    expect(await refusal(client, "hash")).toContain("Choose another namespace");
    await client.set("{first}:schema", `burnrate-store 1 ${randomUUID()}`);
    expect(await refusal(client, "first")).toBe("");
  });

  test.each([
    ["INFO", "(INFO)"],
    ["EVALSHA", "(EVALSHA)"],
    ["TIME", "(one that a script calls)"],
  ])("a server whose %s was renamed, and which command is missing", async (command, named) => {
    const renamed = await startRedisServer(["--rename-command", command, ""]);
    const client = createClient({ url: renamed.url });
    try {
      await client.connect();
      const message = await refusal(client);
      expect(message).toContain("BR9001 redisStore: Redis does not know a command that the store");
      expect(message).toContain(named);
    } finally {
      client.destroy();
      await renamed.stop();
    }
  });

  test("a server that is too old", async () => {
    const client = await connect();
    const older = new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name === "sendCommand")
          return async () => "redis_version:6.0.20\r\nredis_mode:standalone";
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(await refusal(older)).toContain("version 6.0.20; it must be 6.2 or newer");
  });
});

describe.skipIf(!canRun)(canRun ? "a cluster" : NO_BINARY, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer([
      "--cluster-enabled",
      "yes",
      "--cluster-announce-ip",
      "127.0.0.1",
    ]);
    const admin = await createClient({ url: server.url }).connect();
    await admin.sendCommand([
      "CLUSTER",
      "ADDSLOTS",
      ...Array.from({ length: 16_384 }, (_, slot) => `${slot}`),
    ]);
    await until("the cluster", async () =>
      String(await admin.sendCommand(["CLUSTER", "INFO"])).includes("cluster_state:ok"),
    );
    admin.destroy();
  });
  afterAll(() => server.stop());

  test("a client of one node is refused, with the client to use instead", async () => {
    const client = await createClient({ url: server.url }).connect();
    const { ledger } = redisStore({ client });
    await expect(Promise.resolve(ledger.ready())).rejects.toThrow("Hand in a cluster client");
    client.destroy();
  });

  test.each(["redis", "ioredis"])(
    "a cluster client of %s keeps budgets and tells kills",
    async (name) => {
      const cluster =
        name === "redis"
          ? createCluster({ rootNodes: [{ url: server.url }] })
          : new Cluster([{ host: "127.0.0.1", port: server.port }]);
      if ("connect" in cluster && name === "redis") await cluster.connect();
      const store = redisStore({ client: cluster, namespace: name });
      try {
        const account = accountOf(100);
        const id = await hold(store.ledger, account, 60);
        await expect(hold(store.ledger, account, 60)).rejects.toThrow("did not fit");
        const told: string[] = [];
        store.killLog.subscribe((line) => told.push(line.id));
        await store.killLog.append({ kind: "revive", id: "k", reason: "r", by: "b", atMs: 1 });
        await until("the line", () => told.length === 1);
        const { results } = await store.ledger.settle([{ id, as: "settled", amounts: [5] }]);
        expect(results[0]).toMatchObject({ applied: true, balances: [{ settled: 5, held: 0 }] });
      } finally {
        await store.ledger.close();
        if ("disconnect" in cluster && name === "ioredis") cluster.disconnect();
        else (cluster as { destroy(): void }).destroy();
      }
    },
  );
});
