import { sqliteStore } from "../sqlite-store.ts";
import { accountOf, reservationOf } from "./accounts.ts";

/**
 * Reserves and settles over and over, and says after each answer how much it knows to be settled.
 */
interface Task {
  readonly path: string;
  readonly name: string;
  readonly limit: number;
  readonly calls: number;
}

const { path, name, limit, calls } = JSON.parse(process.argv[2] ?? "{}") as Task;
const { ledger } = sqliteStore({ path });
const [shared, own] = [accountOf("shared", limit), accountOf(name, limit)];
let [settled, refused, longestMs] = [0, 0, 0];
process.on("disconnect", () => process.exit(0));

await ledger.ready();
for (let call = 0; call < calls; call++) {
  const id = `${name}-${process.pid}-${call}`;
  const request = { ...reservationOf(id, shared, 3), accounts: [shared, own], amounts: [3, 3] };
  const before = performance.now();
  const [reserved] = (await ledger.reserve([{ ...request, dispatched: true }])).results;
  longestMs = Math.max(longestMs, performance.now() - before);
  if (reserved?.kind !== "reserved") {
    refused++;
    continue;
  }
  process.send?.({ sent: id });
  await ledger.settle([{ id, as: "settled", amounts: [2, 2] }]);
  settled += 2;
  process.send?.({ settled });
}
await ledger.close();
process.send?.({ done: true, settled, refused, longestMs }, () => process.disconnect());
