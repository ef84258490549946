import { expect, test } from "vitest";
import { createMemoryStore } from "../../guard/memory-store.ts";
import { brokenStores, type Fault } from "./broken-store.ts";
import { storeContract } from "./store-contract.ts";

const FOREVER_MS = 1e12;

/** Ids that were delivered by whichever connection. */
const delivered = new Set<string>();

const KILL_LOGS: readonly Fault[] = [
  {
    fault: "knows no limits",
    noticedBy: "limits are numbered and told like kills",
    killLog: (sound) => ({
      read: async (epoch) => (await sound.read(epoch)).filter(({ kind }) => kind !== "limit"),
    }),
  },
  {
    fault: "trims reasons",
    noticedBy: "whatever is in names and reasons comes back as it was",
    killLog: (sound) => ({
      append: (entry) => sound.append({ ...entry, reason: entry.reason.trim() }),
    }),
  },
  {
    fault: "keeps its newest lines, whatever is in the others",
    noticedBy: "of thousands of lines those in force stay, and others go",
    killLog: (sound) => ({ read: async (epoch) => (await sound.read(epoch)).slice(-1_000) }),
  },
];

const FLEETS: readonly Fault[] = [
  {
    fault: "never takes a silent process for dead",
    noticedBy: "a process that falls silent is taken for dead",
    fleet: (sound) => ({ beat: (process) => sound.beat(process, FOREVER_MS) }),
  },
  {
    fault: "waits for a process that left",
    noticedBy: "a process lives from its first beat until it leaves",
    fleet: () => ({ leave: () => undefined }),
  },
  {
    fault: "takes the last acknowledgement for the truth",
    noticedBy: "the first acknowledgement of each kill and process counts",
    fleet: (sound) => {
      let count = 0;
      return {
        acknowledge: (given) =>
          sound.acknowledge({ ...given, process: `${given.process}${++count}` }),
      };
    },
  },
];

const STATES: readonly Fault[] = [
  {
    fault: "lets the last writer win",
    noticedBy: "who saw an older value does not write",
    state: (sound) => ({
      write: async (key, value) => sound.write(key, value, (await sound.read(key))?.revision ?? 0),
    }),
  },
  {
    fault: "looks first and writes later",
    noticedBy: "of writers that race one wins each revision",
    state: (sound) => ({
      write: async (key, value, seen) => {
        const newest = (await sound.read(key))?.revision ?? 0;
        if (newest !== seen) return undefined;
        for (;;) {
          const { revision } = (await sound.read(key)) ?? { revision: 0 };
          const written = await sound.write(key, value, revision);
          if (written !== undefined) return written;
        }
      },
    }),
  },
  {
    fault: "removes what somebody has changed",
    noticedBy: "a value is removed by who saw its newest revision",
    state: (sound) => ({
      remove: async (key) => sound.remove(key, (await sound.read(key))?.revision ?? 0),
    }),
  },
  {
    fault: "takes an underscore for any letter",
    noticedBy: "keys are found by what they begin with, in order",
    state: (sound) => ({
      keys: async (prefix, limit) => {
        const pattern = prefix.split("_").map((part) => part.replace(/[^\w-]/gu, "\\$&"));
        const all = await sound.keys(prefix.slice(0, 36));
        return all
          .filter((key) => new RegExp(`^${pattern.join(".")}`, "u").test(key))
          .slice(0, limit);
      },
    }),
  },
  {
    fault: "sorts keys as a dictionary does",
    noticedBy: "keys are found by what they begin with, in order",
    state: (sound) => ({
      keys: async (prefix, limit) =>
        [...(await sound.keys(prefix))].sort((a, b) => a.localeCompare(b)).slice(0, limit),
    }),
  },
];

const RESTARTS: readonly Fault[] = [
  {
    fault: "begins its revisions anew when it is opened",
    noticedBy: "values and revisions survive a restart",
    state: (sound) => {
      let first: number | undefined;
      return {
        read: async (key) => {
          const entry = await sound.read(key);
          first ??= entry?.revision ?? 1;
          return entry && { ...entry, revision: entry.revision - first + 1 };
        },
      };
    },
  },
  {
    fault: "forgets who took a message on when it is opened",
    noticedBy: "messages and their ends survive a restart",
    outbox: (sound) => ({
      claim: async (topic, limit, leaseMs) => {
        const claimed = await sound.claim(topic, limit, leaseMs);
        return claimed.map((message) => ({ ...message, attempts: 1 }));
      },
    }),
  },
];

const OUTBOXES: readonly Fault[] = [
  {
    fault: "hands a message to whoever asks",
    noticedBy: "those who claim at once never get the same",
    outbox: (sound) => ({ claim: (topic, limit) => sound.claim(topic, limit, 0) }),
  },
  {
    fault: "keeps a message for the dead",
    noticedBy: "who dies with a message loses it to the next",
    outbox: (sound) => ({ claim: (topic, limit) => sound.claim(topic, limit, FOREVER_MS) }),
  },
  {
    fault: "does not wait for the time of a message",
    noticedBy: "a message that is not due waits",
    outbox: (sound) => ({
      add: (messages) => sound.add(messages.map((message) => ({ ...message, dueAtMs: 0 }))),
    }),
  },
  {
    fault: "hands out the newest first",
    noticedBy: "the oldest due come first, as many as were asked for",
    outbox: (sound) => ({
      add: (messages) =>
        sound.add(
          messages.map((message) => ({ ...message, dueAtMs: FOREVER_MS - message.dueAtMs })),
        ),
    }),
  },
  {
    fault: "forgets what was delivered",
    noticedBy: "a message is added once, waiting, claimed or delivered",
    outbox: (sound) => ({
      done: (ids) => {
        for (const id of ids) delivered.add(id);
        return sound.done(ids);
      },
      add: (messages) =>
        sound.add(
          messages.map((message) =>
            delivered.has(message.id) ? { ...message, id: `${message.id}-again` } : message,
          ),
        ),
    }),
  },
  {
    fault: "brings back what was delivered",
    noticedBy: "a message that was not delivered is due again when said",
    outbox: (sound) => ({
      retry: async (id, dueAtMs) => {
        await sound.add([{ id: `${id}-again`, topic: id.slice(0, 36), body: "", dueAtMs }]);
        await sound.retry(id, dueAtMs);
      },
    }),
  },
];

brokenStores(test, [...KILL_LOGS, ...FLEETS, ...STATES, ...RESTARTS, ...OUTBOXES]);

test("a store that outlives its process and has no outbox does not pass", async () => {
  const { outbox: _, ...store } = createMemoryStore();
  const cases = new Map<string, () => Promise<void>>();
  const test = (name: string, run: () => Promise<void>): void => void cases.set(name, run);
  storeContract({ test, createStore: () => store, reopen: () => store });
  const run = cases.get("what outlives a process has a fleet, states and an outbox");
  await expect(run?.()).rejects.toThrow();
});
