import type { KillEntry, LedgerReply } from "@burnrate/core";
import type { Connection } from "./database/connection.ts";
import { loadDriver } from "./database/driver.ts";
import { openStore } from "./database/open-store.ts";
import { newestEpoch, OperationRunner } from "./ledger/run-operations.ts";
import type { WorkerRequest, WorkerSetup } from "./messages.ts";
import type { StoreCalls } from "./store-calls.ts";
import * as fleet from "./tables/fleet-table.ts";
import { appendLine, readLines } from "./tables/kill-lines.ts";
import { KillWatch } from "./tables/kill-watch.ts";
import * as outbox from "./tables/outbox-table.ts";
import { Purge } from "./tables/purge.ts";
import * as state from "./tables/state-table.ts";
import { packReply, unpackOperation } from "./wire/wire-operation.ts";

/**
 * Tells the other thread of new lines of the kill log, and the number up to which it now knows
 * them.
 */
export type Tell = (lines: readonly KillEntry[], epoch: number) => void;

/** The database and all that is done with it: synchronous, in a thread that nobody waits in. */
export class WorkerStore {
  readonly #tell: Tell;
  readonly #connection: Connection;
  readonly #runner: OperationRunner;
  readonly #purge: Purge;
  readonly #watch: KillWatch;
  #toldEpoch: number;

  static async open(setup: WorkerSetup, nowMs: number, tell: Tell): Promise<WorkerStore> {
    const Driver = await loadDriver(setup.driver);
    const connection = openStore(Driver, setup, setup.onCorrupt, nowMs);
    try {
      return new WorkerStore(connection, setup, tell);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  private constructor(connection: Connection, setup: WorkerSetup, tell: Tell) {
    this.#tell = tell;
    this.#connection = connection;
    this.#runner = new OperationRunner(this.#connection);
    this.#purge = new Purge(this.#connection);
    this.#toldEpoch = setup.toldEpoch ?? newestEpoch(this.#connection);
    this.#watch = new KillWatch(setup.path, () => this.#look());
    this.#watch.start();
    tell([], this.#toldEpoch); // should this thread end, its successor tells from here
    this.#tellNew();
  }

  /** Does what is asked, at the time that the asker says it is. */
  answer(request: WorkerRequest): unknown {
    this.#purge.notice(request.nowMs, request.monotonicMs);
    const calls = this.#calls(request);
    const call = calls[request.method] as (...values: readonly unknown[]) => unknown;
    return call(...request.values);
  }

  #calls({ nowMs, monotonicMs }: WorkerRequest): StoreCalls {
    const connection = this.#connection;
    return {
      open: () => {},
      run: (packed) => {
        const operations = packed.map(unpackOperation);
        const replies = this.#runner.run(operations, nowMs);
        if (this.#purge.runIfDue(monotonicMs)) this.#runner.forget();
        return operations.map((one, index) => packReply(one, replies[index] as LedgerReply<never>));
      },
      append: (entry) => this.#append(entry),
      readLines: (after) => readLines(connection, after),
      beat: (name, ttlMs) => fleet.beat(connection, name, ttlMs, nowMs),
      leave: (name) => fleet.leave(connection, name),
      living: () => fleet.living(connection, nowMs),
      acknowledge: (word) => fleet.acknowledge(connection, word, nowMs),
      acknowledgements: (killId) => fleet.acknowledgements(connection, killId),
      readState: (key) => state.readState(connection, key),
      writeState: (key, value, seen) => state.writeState(connection, key, value, seen),
      removeState: (key, seen) => state.removeState(connection, key, seen),
      stateKeys: (prefix, limit) => state.stateKeys(connection, prefix, limit),
      addMessages: (messages) => outbox.addMessages(connection, messages),
      claimMessages: (topic, limit, leaseMs) =>
        outbox.claimMessages(connection, topic, limit, leaseMs, nowMs),
      finishMessages: (ids) => outbox.finishMessages(connection, ids, nowMs),
      retryMessage: (id, dueAtMs) => outbox.retryMessage(connection, id, dueAtMs),
      countWaiting: (topic) => outbox.countWaiting(connection, topic),
      close: () => {
        this.#watch.stop();
        connection.close();
      },
    };
  }

  #append(entry: Parameters<StoreCalls["append"]>[0]): KillEntry {
    const line = appendLine(this.#connection, entry);
    this.#watch.push(line.epoch);
    this.#look();
    return line;
  }

  /** Looks for lines of others. What fails now is found by the next look. */
  #look(): void {
    try {
      this.#tellNew();
    } catch {
      // Whoever asks the store hears of it.
    }
  }

  #tellNew(): void {
    const epoch = newestEpoch(this.#connection);
    if (epoch <= this.#toldEpoch) return;
    const lines = readLines(this.#connection, this.#toldEpoch);
    this.#toldEpoch = lines.at(-1)?.epoch ?? epoch;
    this.#tell(lines, this.#toldEpoch);
  }
}
