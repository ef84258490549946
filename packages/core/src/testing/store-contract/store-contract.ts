import { strict as assert } from "node:assert";
import type { Store } from "../../ports/store.ts";
import { fleetContract } from "./fleet-contract.ts";
import { headOf, killOf } from "./kill-log-case.ts";
import { killLogContract } from "./kill-log-contract.ts";
import { ledgerContract } from "./ledger-contract.ts";
import type {
  KillLogContractOptions,
  PortContractOptions,
  StoreContractOptions,
} from "./options.ts";
import { outboxContract } from "./outbox-contract.ts";
import { stateContract } from "./state-contract.ts";
import { thresholdCases } from "./threshold-cases.ts";

/**
 * What every store must do: `ledgerContract` and `killLogContract`, `fleetContract`,
 * `stateContract` and `outboxContract` for what it has of these, and each reply of the ledger tells
 * of the newest line of the kill log.
 *
 * @example
 * storeContract({ test, createStore: () => createMemoryStore() });
 */
export function storeContract(options: StoreContractOptions): void {
  const { createStore, reopen, ...trial } = options;
  ledgerContract({
    ...trial,
    createLedger: async () => (await createStore()).ledger,
    ...(reopen === undefined ? {} : { reopen: async () => (await reopen()).ledger }),
  });
  killLogContract(killLogOptions(options));
  fleetContract(portOptions(options, (store) => store.fleet));
  stateContract(portOptions(options, (store) => store.state));
  outboxContract(portOptions(options, (store) => store.outbox));

  thresholdCases(options);

  options.test("a kill shows in the next reply of the ledger", async () => {
    const { ledger, killLog } = await createStore();
    try {
      await ledger.ready();
      const head = await headOf(killLog);
      assert.equal((await ledger.balances([])).killEpoch, head);
      for (let count = 1; count <= 3; count++) {
        await killLog.append(killOf(`kill-${count}`));
        assert.equal((await ledger.reserve([])).killEpoch, head + count);
        assert.equal((await ledger.settle([])).killEpoch, head + count);
        assert.equal((await ledger.lease([])).killEpoch, head + count);
        assert.equal((await ledger.returnLeases([])).killEpoch, head + count);
        assert.equal((await ledger.dispatch([])).killEpoch, head + count);
        assert.equal((await ledger.charge([])).killEpoch, head + count);
        assert.equal((await ledger.correct([])).killEpoch, head + count);
      }
    } finally {
      await ledger.close();
    }
  });

  options.test("what outlives a process has a fleet, states and an outbox", async () => {
    const { ledger, fleet, state, outbox } = await createStore();
    await ledger.close();
    if (reopen === undefined) return;
    for (const port of [fleet, state, outbox]) assert.notEqual(port, undefined);
  });
}

interface OpenedPort<P> extends PortContractOptions<P> {
  create(): Promise<P>;
  reopen?(): Promise<P>;
  close(): Promise<void>;
}

/** Opens one port of stores, and closes all that were opened. */
function portOptions<P>(
  { test, createStore, reopen, passTime, nowMs }: StoreContractOptions,
  pick: (store: Store) => P,
): OpenedPort<P> {
  const opened: Store[] = [];
  const open = async (make: StoreContractOptions["createStore"]): Promise<P> => {
    const store = await make();
    opened.push(store);
    await store.ledger.ready();
    return pick(store);
  };
  return {
    test,
    create: () => open(createStore),
    ...(reopen === undefined ? {} : { reopen: () => open(reopen) }),
    ...(passTime === undefined ? {} : { passTime }),
    ...(nowMs === undefined ? {} : { nowMs }),
    close: async () => {
      for (const { ledger } of opened.splice(0)) await ledger.close();
    },
  };
}

function killLogOptions(options: StoreContractOptions): KillLogContractOptions {
  const { create, reopen, close, test } = portOptions(options, (store) => store.killLog);
  return { test, createKillLog: create, close, ...(reopen && { reopen }) };
}
