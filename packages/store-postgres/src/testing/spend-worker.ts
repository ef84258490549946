import { accountOf, openStore, reservationOf } from "./spending.ts";

/** What a process that spends is told, as JSON in its first argument. */
export interface SpendOrder {
  readonly url: string;
  readonly schema: string;
  readonly keys: readonly string[];
  readonly limit: number;
  readonly amount: number;
  /** Calls that run at once, one after the other each until they are refused. */
  readonly lanes: number;
  readonly expiresInMs: number;
  /** Whether it lives on, with its store open, until it is killed. */
  readonly stays: boolean;
}

/** What it says: a call that a provider would bill, a kill that it heard of, or that it is done. */
export type SpendWord =
  | { readonly kind: "billed"; readonly amount: number }
  | { readonly kind: "heard"; readonly id: string }
  | { readonly kind: "ready" }
  | { readonly kind: "done" };

const order = JSON.parse(process.argv[2] ?? "{}") as SpendOrder;
const { ledger, killLog, end } = openStore(order.url, order.schema);
const accounts = order.keys.map((key) => accountOf(key, order.limit));

/** Resolves once the parent has it: what it has not heard of was not billed. */
function say(word: SpendWord): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(word, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

async function spend(): Promise<void> {
  for (;;) {
    const request = reservationOf(accounts, order.amount, { expiresInMs: order.expiresInMs });
    const [result] = (await ledger.reserve([request])).results;
    if (result?.kind !== "reserved") return;
    await say({ kind: "billed", amount: order.amount });
    await ledger.settle([{ id: request.id, as: "settled", amounts: request.amounts }]);
  }
}

await ledger.ready();
killLog.subscribe(({ id }) => void say({ kind: "heard", id }).catch(() => {}));
if (order.stays) setInterval(() => {}, 60_000);
await say({ kind: "ready" });
await Promise.all(Array.from({ length: order.lanes }, spend));
await say({ kind: "done" });
if (order.lanes > 0) await end();
