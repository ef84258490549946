import { randomUUID } from "node:crypto";
import { systemClock } from "@burnrate/core";
import { checkServer } from "./check-server.ts";
import type { ChannelListener, ChannelSubscription, RedisConnection } from "./client/connection.ts";
import { openNamespace } from "./open-namespace.ts";
import type { Script } from "./script/script.ts";
import { toStoreError, unavailable } from "./store-error.ts";

/** What every part of the store shares: one client, one namespace, one opening. */
export interface SessionOptions {
  readonly connection: RedisConnection;
  readonly namespace: string;
  readonly timeoutMs: number;
}

/**
 * A namespace on a server: opened once, asked with a time limit, and never while the client is
 * without a connection, because what waits in a client's queue would be carried out after its
 * caller was told that it failed.
 */
export class Session {
  /** Names this store among all that share the namespace. */
  readonly instance: string = randomUUID();
  /** Kill epoch when the namespace was opened. */
  openedEpoch = 0;
  readonly #options: SessionOptions;
  readonly #base: string;
  #schema = "";
  #prefix = "";
  #opening: Promise<void> | undefined;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#base = `{${options.namespace}}:`;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** What every key begins with, once the namespace is open. */
  get prefix(): string {
    return this.#prefix;
  }

  /** Checks the server and reads or writes the namespace's mark; one that failed is tried again. */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /**
   * Carries a script out. @throws {StoreUnavailableError} `BR8001`; whether it was carried out is
   * not known then. @throws {ConfigError} `BR9001`
   */
  async evaluate(script: Script, payload: object): Promise<readonly unknown[]> {
    await this.open();
    if (this.#closed) throw unavailable("this store is closed.", "closed");
    if (!this.#options.connection.isConnected()) {
      throw unavailable("the Redis client has no connection at present.", "offline");
    }
    const given = JSON.stringify({ schema: this.#schema, ...payload });
    return (await this.#within((connection) =>
      connection.evaluate(script, this.#base, given),
    )) as readonly unknown[];
  }

  /** Listens to a channel that belongs to these data: not to those of another database number. */
  listen(name: string, listener: ChannelListener): ChannelSubscription {
    return this.#options.connection.listen(this.channel(name), listener);
  }

  /** The channel's name, once the namespace is open. */
  channel(name: string): string {
    return `${this.#prefix}${name}:${this.#schema.split(" ").at(-1)}`;
  }

  close(): void {
    this.#closed = true;
  }

  async #open(): Promise<void> {
    await this.#within((connection) => checkServer(connection));
    const opened = await this.#within((connection) => openNamespace(connection, this.#base));
    this.#schema = opened.schema;
    this.#prefix = opened.prefix;
    this.openedEpoch = opened.epoch;
  }

  async #within<T>(ask: (connection: RedisConnection) => Promise<T>): Promise<T> {
    const { connection, timeoutMs } = this.#options;
    const untilMs = systemClock.monotonicMs() + timeoutMs;
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      const look = (): void => {
        const leftMs = Math.ceil(untilMs - systemClock.monotonicMs());
        // A timer counts from the beginning of the turn that sets it, and is early after a long one.
        if (leftMs > 0) cancel = systemClock.setTimer(look, leftMs);
        else reject(unanswered(timeoutMs));
      };
      look();
    });
    try {
      return await Promise.race([ask(connection), late]);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      cancel();
    }
  }
}

function unanswered(timeoutMs: number): Error {
  return unavailable(
    `Redis did not answer within ${timeoutMs} ms. What became of the command is not known. Check that the server runs, and the client's url.`,
    "timeout",
  );
}
