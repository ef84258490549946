import { strict as assert } from "node:assert";
import type { KillLog } from "../../kill/kill-log.ts";
import type { AccountRef, Ledger, LedgerReply, Reservation } from "../../ledger/ledger.ts";
import type { Fleet } from "../../ports/fleet.ts";
import type { MaybePromise } from "../../ports/maybe-promise.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { StateStore } from "../../ports/state-store.ts";
import type { Store } from "../../ports/store.ts";
import type { RegisterTest } from "../adapter-contract/driver.ts";
import { breakingSlowly, type LastDeeds } from "./breaking-slowly.ts";
import { SlowDatabase } from "./slow-store.ts";
import { storeContract } from "./store-contract.ts";

/**
 * One way to get a store wrong, and a case that must notice. Each part is made once a connection.
 */
export interface Fault {
  readonly fault: string;
  readonly noticedBy: string;
  readonly ledger?: (sound: Ledger) => Partial<Ledger>;
  readonly killLog?: (sound: KillLog) => Partial<KillLog>;
  readonly fleet?: (sound: Fleet) => Partial<Fleet>;
  readonly state?: (sound: StateStore) => Partial<StateStore>;
  readonly outbox?: (sound: Outbox) => Partial<Outbox>;
  readonly lastDeeds?: LastDeeds;
}

/** Registers a test for each fault: the contract notices it, and passes the store without it. */
export function brokenStores(test: RegisterTest, faults: readonly Fault[]): void {
  for (const fault of faults) {
    test(`a store that ${fault.fault} does not pass`, async () => {
      const { noticedBy, lastDeeds } = fault;
      assert.equal(await passes((sound) => sound, noticedBy), true, "the sound store passes");
      assert.equal(await passes((sound) => broken(sound, fault), noticedBy, lastDeeds), false);
    });
  }
}

function broken(sound: Required<Store>, fault: Fault): Store {
  const { ledger, killLog, fleet, state, outbox } = sound;
  return {
    ledger: { ...ledger, ...fault.ledger?.(ledger) },
    killLog: { ...killLog, ...fault.killLog?.(killLog) },
    fleet: { ...methodsOf(fleet), ...fault.fleet?.(fleet) },
    state: { ...methodsOf(state), ...fault.state?.(state) },
    outbox: { ...methodsOf(outbox), ...fault.outbox?.(outbox) },
  };
}

/** Reads each method, so that a port made of getters can be spread. */
function methodsOf<P extends object>(port: P): P {
  return Object.fromEntries(Object.keys(port).map((name) => [name, Reflect.get(port, name)])) as P;
}

/** Whether a store passes one case of the contract. */
async function passes(
  change: (sound: Required<Store>) => Store,
  name: string,
  lastDeeds?: LastDeeds,
): Promise<boolean> {
  const cases = new Map<string, () => Promise<void>>();
  let database = new SlowDatabase();
  const open = (): Store => change(database.connect());
  storeContract({
    test: (title, run) => {
      assert.ok(!cases.has(title), `two cases are called "${title}"`);
      cases.set(title, run);
    },
    createStore: () => {
      database = new SlowDatabase();
      return open();
    },
    reopen: open,
    passTime: (ms) => database.passTime(ms),
    concurrency: 100,
    crash: breakingSlowly(open, lastDeeds),
  });
  const run = cases.get(name);
  if (run === undefined) throw new Error(`the contract has no case "${name}"`);
  return run().then(
    () => true,
    () => false,
  );
}

/** A reservation whose accounts differ in something. */
export function change(request: Reservation, given: Partial<AccountRef>): Reservation {
  const accounts = request.accounts.map(({ slot: _slot, ...ref }) => ({ ...ref, ...given }));
  return { ...request, accounts };
}

/** A reply whose results differ in something. */
export async function mapResults<T>(
  reply: MaybePromise<LedgerReply<T>>,
  map: (result: T, index: number) => T,
): Promise<LedgerReply<T>> {
  const { results, ...rest } = await reply;
  return { ...rest, results: results.map(map) };
}
