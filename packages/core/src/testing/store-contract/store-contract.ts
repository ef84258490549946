import { strict as assert } from "node:assert";
import type { Store } from "../../ports/store.ts";
import { headOf, killOf } from "./kill-log-case.ts";
import { killLogContract } from "./kill-log-contract.ts";
import { ledgerContract } from "./ledger-contract.ts";
import type { KillLogContractOptions, StoreContractOptions } from "./options.ts";

/**
 * What every store must do: `ledgerContract` and `killLogContract`, and each reply of the ledger
 * tells of the newest line of the kill log.
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
      }
    } finally {
      await ledger.close();
    }
  });
}

function killLogOptions({
  test,
  createStore,
  reopen,
}: StoreContractOptions): KillLogContractOptions {
  const opened: Store[] = [];
  const open = async (make: StoreContractOptions["createStore"]) => {
    const store = await make();
    opened.push(store);
    await store.ledger.ready();
    return store.killLog;
  };
  return {
    test,
    createKillLog: () => open(createStore),
    ...(reopen === undefined ? {} : { reopen: () => open(reopen) }),
    close: async () => {
      for (const { ledger } of opened.splice(0)) await ledger.close();
    },
  };
}
