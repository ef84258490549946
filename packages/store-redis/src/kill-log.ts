import { randomUUID } from "node:crypto";
import {
  type CancelTimer,
  isGuardError,
  type KillEntry,
  type KillLog,
  type NewKillEntry,
  systemClock,
} from "@burnrate/core";
import { toStorableKill } from "@burnrate/core/adapter";
import type { ChannelSubscription } from "./client/connection.ts";
import { KillFollower } from "./kill-follower.ts";
import { APPEND_SCRIPT, READ_SCRIPT } from "./script/kill-scripts.ts";
import { KILL_CHANNEL } from "./script/store-script.ts";
import type { Session } from "./session.ts";
import { encodeText } from "./text.ts";

/** Time between two attempts to write a line. */
const RETRY_MS = 100;
/**
 * How often lines are looked for that no push brought: a subscription can end without a word, and a
 * guard without budgets asks the store nothing else.
 */
const POLL_EVERY_MS = 1_000;

/** A kill log, and what the rest of the store does with it. */
export interface RedisKillLog extends KillLog {
  /** Takes note of an epoch that rode on a reply: a message may have been lost. */
  notice(epoch: number): void;
  close(): Promise<void>;
}

/**
 * The kill log on Redis: a stream, pushed by publish and subscribe, and read when a push was lost.
 */
export function createRedisKillLog(session: Session): RedisKillLog {
  let subscription: ChannelSubscription | undefined;
  let cancelPoll: CancelTimer = () => {};
  const follower = new KillFollower({
    read: (epoch) => readPage(session, epoch),
    append: (entry, nonce) => append(entry, nonce),
  });

  async function append(given: NewKillEntry, nonce: string): Promise<KillEntry> {
    const entry = toStorableKill(given);
    await session.open();
    const epoch = await persist(session, () => write(entry, nonce));
    return freeze({ ...entry, epoch });
  }

  async function write(entry: NewKillEntry, nonce: string): Promise<number> {
    const [epoch] = await session.evaluate(APPEND_SCRIPT, {
      nonce,
      kind: entry.kind,
      id: encodeText(entry.id),
      atMs: wholeOr(entry.atMs, 0),
      expiresAtMs: wholeOr(entry.kind === "kill" ? entry.expiresAtMs : undefined, -1),
      body: JSON.stringify(entry),
      channel: session.channel(KILL_CHANNEL),
    });
    return Number(epoch);
  }

  /** Opens the second connection for the first listener. */
  async function follow(): Promise<void> {
    await session.open();
    follower.begin(session.openedEpoch);
    if (subscription !== undefined || follower.size === 0 || session.isClosed) return;
    subscription = session.listen(KILL_CHANNEL, {
      onMessage: (message) => {
        const line = parseMessage(message);
        if (line !== undefined) follower.arrive(line);
      },
      onConnected: () => follower.catchUp(),
    });
    pollLater();
  }

  function pollLater(): void {
    const poll = (): void => {
      follower.catchUp();
      pollLater();
    };
    cancelPoll = systemClock.setTimer(poll, POLL_EVERY_MS, "background");
  }

  async function unfollow(): Promise<void> {
    const open = subscription;
    subscription = undefined;
    cancelPoll();
    await open?.close();
  }

  return {
    durable: true,
    append: async (entry) => {
      const line = await append(entry, randomUUID());
      follower.begin(session.openedEpoch);
      follower.arrive(line);
      return line;
    },
    read: async (epoch) => {
      const lines: KillEntry[] = [];
      for (let from = epoch; ; ) {
        const page = await readPage(session, from);
        const last = page.lines.at(-1);
        if (last === undefined) return lines;
        lines.push(...page.lines);
        from = last.epoch;
      }
    },
    subscribe(listener) {
      const leave = follower.add(listener);
      follow().catch(() => {}); // the store's own methods say that it is down; replies try again
      return () => {
        leave();
        if (follower.size === 0) unfollow().catch(() => {}); // closing a connection that is gone
      };
    },
    notice(epoch) {
      follower.begin(session.openedEpoch);
      follower.notice(epoch);
      if (follower.size > 0 && subscription === undefined) follow().catch(() => {}); // next time
    },
    close: async () => {
      follower.clear();
      await unfollow();
    },
  };
}

/**
 * Tries until the time limit: a kill must not be lost to a connection that breaks for a moment.
 * Sent twice, it is the same line.
 */
async function persist(session: Session, write: () => Promise<number>): Promise<number> {
  const startMs = systemClock.monotonicMs();
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const isOver = systemClock.monotonicMs() - startMs + RETRY_MS >= session.timeoutMs;
      const isOutage = isGuardError(error) && error.code === "BR8001";
      if (!isOutage || isOver || error.details["reason"] === "lost" || session.isClosed)
        throw error;
      await new Promise<void>((resolve) => systemClock.setTimer(resolve, RETRY_MS));
    }
  }
}

async function readPage(
  session: Session,
  epoch: number,
): Promise<{ readonly head: number; readonly lines: readonly KillEntry[] }> {
  const from = wholeOr(epoch, 0);
  const [head, ...fields] = await session.evaluate(READ_SCRIPT, { epoch: from });
  const lines: KillEntry[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const body = JSON.parse(String(fields[index + 1])) as NewKillEntry;
    lines.push(freeze({ ...body, epoch: Number(fields[index]) }));
  }
  return { head: Number(head), lines };
}

/** Undefined for what is no line of ours: anyone may publish. */
function parseMessage(message: string): KillEntry | undefined {
  const space = message.indexOf(" ");
  const epoch = Number(message.slice(0, space));
  try {
    const body = JSON.parse(message.slice(space + 1)) as NewKillEntry;
    return Number.isSafeInteger(epoch) && epoch > 0 ? freeze({ ...body, epoch }) : undefined;
  } catch {
    return undefined;
  }
}

/** Frozen through and through: one listener cannot change what the next is told. */
function freeze(entry: KillEntry): KillEntry {
  if (entry.kind === "kill" && entry.target !== "everything") Object.freeze(entry.target);
  return Object.freeze(entry);
}

function wholeOr(value: number | undefined, otherwise: number): number {
  return value !== undefined && Number.isSafeInteger(Math.floor(value))
    ? Math.max(0, Math.floor(value))
    : otherwise;
}
