import type { ChannelListener, ChannelSubscription, RedisConnection } from "./connection.ts";
import { evaluateByName } from "./connection.ts";
import { keepSubscribing } from "./keep-subscribing.ts";

interface ScriptCall {
  readonly keys: string[];
  readonly arguments: string[];
}

/** What we use of a client or cluster of `redis`, version 5 or newer. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady?: boolean;
  evalSha(sha: string, call: ScriptCall): Promise<unknown>;
  eval(source: string, call: ScriptCall): Promise<unknown>;
  sendCommand(...args: never[]): Promise<unknown>;
  duplicate(): NodeRedisClient;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => unknown): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a client hands to listeners is for it to say
  on(event: string, listener: (...args: any[]) => void): unknown;
  destroy(): void;
}

/** Speaks through a client of the package `redis`. */
export function nodeRedisConnection(client: NodeRedisClient): RedisConnection {
  const isCluster = "masters" in client;
  return {
    isCluster,
    isStarted: () => client.isOpen,
    isConnected: () => client.isReady ?? client.isOpen,
    evaluate: (script, base, payload) => {
      const call = { keys: [base], arguments: [payload] };
      return evaluateByName(
        () => client.evalSha(script.sha, call),
        () => client.eval(script.source, call),
      );
    },
    info: async (section) => {
      const send = client.sendCommand.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const command = ["INFO", section];
      return String(await (isCluster ? send(undefined, true, command) : send(command)));
    },
    listen: (channel, listener) => listen(client.duplicate(), channel, listener),
  };
}

/** `redis` subscribes anew by itself after a reconnect, before it says `ready`. */
function listen(
  client: NodeRedisClient,
  channel: string,
  { onMessage, onConnected }: ChannelListener,
): ChannelSubscription {
  const hear = (message: string): void => onMessage(String(message));
  const subscribe = async (): Promise<unknown> => {
    if (!client.isOpen) await client.connect();
    return client.subscribe(channel, hear);
  };
  const subscription = keepSubscribing(subscribe, onConnected);
  client.on("error", () => {}); // it reconnects by itself; without a listener it would throw
  client.on("ready", onConnected);
  client.on("connect", () => unref(client));
  subscription.attempt();
  return {
    close: async () => {
      subscription.stop();
      if (client.isOpen) client.destroy();
    },
  };
}

/** A process that has nothing else to do may end. */
function unref(client: object): void {
  if ("unref" in client && typeof client.unref === "function") client.unref();
}
