import { Redis } from "ioredis";
import { createClient } from "redis";
import type { RedisStoreOptions } from "../redis-store.ts";

/** A client package under trial: opens connections, and closes them all at the end. */
export interface Driver {
  readonly name: string;
  connect(url: string): Promise<RedisStoreOptions["client"]>;
  closeAll(): void;
}

/** The package `redis`, in one of the two protocols. */
export function nodeRedisDriver(RESP: 2 | 3 = 3): Driver {
  const clients: { destroy(): void; readonly isOpen: boolean }[] = [];
  return {
    name: `redis, protocol ${RESP}`,
    connect: async (url) => {
      const client = createClient({ url, RESP, socket: { reconnectStrategy: 50 } });
      client.on("error", () => {}); // servers are killed in these tests
      clients.push(client);
      await client.connect();
      return client;
    },
    closeAll: () => {
      for (const client of clients.splice(0)) if (client.isOpen) client.destroy();
    },
  };
}

/** The package `ioredis`, which may put a prefix before each key. */
export function ioRedisDriver(keyPrefix = ""): Driver {
  const clients: Redis[] = [];
  return {
    name: `ioredis, prefix "${keyPrefix}"`,
    connect: async (url) => {
      const client = new Redis(url, { keyPrefix, retryStrategy: () => 50 });
      client.on("error", () => {}); // servers are killed in these tests
      clients.push(client);
      await client.ping();
      return client;
    },
    closeAll: () => {
      for (const client of clients.splice(0)) client.disconnect();
    },
  };
}
