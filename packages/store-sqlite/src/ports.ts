import type { Fleet, Outbox, StateStore } from "@burnrate/core";
import type { StoreThread } from "./store-thread.ts";

/** Fleet, state and outbox in the file: each method asks the thread of the database. */
export function createPorts(thread: StoreThread): {
  readonly fleet: Fleet;
  readonly state: StateStore;
  readonly outbox: Outbox;
} {
  return {
    fleet: {
      beat: (process, ttlMs) => thread.ask("beat", process, ttlMs),
      leave: (process) => thread.ask("leave", process),
      living: () => thread.ask("living"),
      acknowledge: (word) => thread.ask("acknowledge", word),
      acknowledgements: (killId) => thread.ask("acknowledgements", killId),
    },
    state: {
      read: (key) => thread.ask("readState", key),
      write: (key, value, seen) => thread.ask("writeState", key, value, seen),
      remove: (key, seen) => thread.ask("removeState", key, seen),
      keys: (prefix, limit) => thread.ask("stateKeys", prefix, limit),
    },
    outbox: {
      add: (messages) => thread.ask("addMessages", messages),
      claim: (topic, limit, leaseMs) => thread.ask("claimMessages", topic, limit, leaseMs),
      done: (ids) => thread.ask("finishMessages", ids),
      retry: (id, dueAtMs) => thread.ask("retryMessage", id, dueAtMs),
      waiting: (topic) => thread.ask("countWaiting", topic),
    },
  };
}
