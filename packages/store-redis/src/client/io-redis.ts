import type { ChannelListener, ChannelSubscription, RedisConnection } from "./connection.ts";
import { evaluateByName } from "./connection.ts";
import { keepSubscribing } from "./keep-subscribing.ts";

/** What we use of a client or cluster of `ioredis`, version 5 or newer. */
export interface IoRedisClient {
  readonly status: string;
  readonly isCluster?: boolean;
  evalsha(sha: string, keys: number, ...args: string[]): Promise<unknown>;
  eval(source: string, keys: number, ...args: string[]): Promise<unknown>;
  call(command: string, ...args: string[]): Promise<unknown>;
  duplicate(...override: never[]): IoRedisClient;
  subscribe(...channels: string[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a client hands to listeners is for it to say
  on(event: string, listener: (...args: any[]) => void): unknown;
  disconnect(): void;
}

/** Speaks through a client of the package `ioredis`. */
export function ioRedisConnection(client: IoRedisClient): RedisConnection {
  return {
    isCluster: client.isCluster === true,
    isStarted: () => client.status !== "end",
    isConnected: () => client.status === "ready",
    evaluate: (script, base, payload) =>
      evaluateByName(
        () => client.evalsha(script.sha, 1, base, payload),
        () => client.eval(script.source, 1, base, payload),
      ),
    info: async (section) => String(await client.call("INFO", section)),
    listen: (channel, listener) => listen(duplicate(client), channel, listener),
  };
}

/**
 * `ioredis` subscribes anew by itself, too, but nobody can catch it when that is refused, which would
 * end the process. A cluster takes its options elsewhere.
 */
function duplicate(client: IoRedisClient): IoRedisClient {
  const again = client.duplicate.bind(client) as (...override: unknown[]) => IoRedisClient;
  return client.isCluster === true ? again() : again({ autoResubscribe: false });
}

/** Subscribes whenever there is a new connection. */
function listen(
  client: IoRedisClient,
  channel: string,
  { onMessage, onConnected }: ChannelListener,
): ChannelSubscription {
  const subscription = keepSubscribing(() => client.subscribe(channel), onConnected);
  client.on("error", () => {}); // it reconnects by itself; without a listener it would be noisy
  client.on("connect", () => unref(client));
  client.on("ready", subscription.attempt);
  client.on("message", (_channel: string, message: string) => onMessage(String(message)));
  if (client.status === "wait") subscription.attempt();
  return {
    close: async () => {
      subscription.stop();
      client.disconnect();
    },
  };
}

/** A process that has nothing else to do may end. */
function unref(client: object): void {
  const stream: unknown = "stream" in client ? client.stream : undefined;
  if (typeof stream !== "object" || stream === null || !("unref" in stream)) return;
  if (typeof stream.unref === "function") stream.unref();
}
