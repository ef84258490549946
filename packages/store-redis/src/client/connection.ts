import type { Script } from "../script/script.ts";

/** What the store needs of a Redis client, whichever package it is from. */
export interface RedisConnection {
  /** Whether somebody has told the client to connect, and not to end. */
  isStarted(): boolean;
  /** Whether a command would be sent now, rather than wait for a connection. */
  isConnected(): boolean;
  /** Carries a script out by its name, or whole when the server does not know it yet. */
  evaluate(script: Script, base: string, payload: string): Promise<unknown>;
  /** A section of the server's own report. */
  info(section: string): Promise<string>;
  /** Whether the client spreads keys over the nodes of a cluster. */
  readonly isCluster: boolean;
  /** A second connection that listens to one channel. */
  listen(channel: string, listener: ChannelListener): ChannelSubscription;
}

/** Who listens to a channel. */
export interface ChannelListener {
  onMessage(message: string): void;
  /** Connected, again perhaps: messages sent meanwhile are lost. */
  onConnected(): void;
}

/** A subscription with a connection of its own. */
export interface ChannelSubscription {
  close(): Promise<void>;
}

/** Tries a script by name first. @throws what the client throws */
export async function evaluateByName(
  byName: () => Promise<unknown>,
  whole: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await byName();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
    return await whole();
  }
}
