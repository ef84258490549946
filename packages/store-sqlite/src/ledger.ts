import type { Ledger } from "@burnrate/core";
import { createBatchingLedger } from "@burnrate/core/adapter";
import type { StoreThread } from "./store-thread.ts";
import { packOperations, unpackReply, type WireReply } from "./wire/wire-operation.ts";

/** The ledger in the file. One machine, one clock: windows follow what guards say the time is. */
export function createLedger(thread: StoreThread): Ledger {
  return createBatchingLedger({
    windows: "guard",
    ready: () => thread.ask("open"),
    run: async (operations) => {
      const replies = await thread.ask("run", packOperations(operations));
      return operations.map((operation, index) =>
        unpackReply(operation, replies[index] as WireReply),
      );
    },
    close: () => thread.close(),
  });
}
