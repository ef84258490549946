import type {
  LateCharge,
  LeaseRequest,
  LeaseReturn,
  Ledger,
  Reservation,
  Settlement,
} from "../../ledger/ledger.ts";
import { only } from "./ledger-case.ts";
import { LedgerOracle } from "./ledger-oracle.ts";

/** One question of one item. What it is about never changes, so that it can be asked again. */
export type Question =
  | { readonly method: "reserve"; readonly item: Reservation }
  | { readonly method: "settle"; readonly item: Settlement }
  | { readonly method: "lease"; readonly item: LeaseRequest }
  | { readonly method: "returnLeases"; readonly item: LeaseReturn }
  | { readonly method: "charge"; readonly item: LateCharge };

/** An answer, as far as a model can know it: a word, or an amount. */
export type Outcome = string;

/** Asks a ledger. */
export async function askLedger(ledger: Ledger, { method, item }: Question): Promise<Outcome> {
  if (method === "reserve") return only(await ledger.reserve([item])).kind;
  if (method === "settle") {
    const { applied, spentBefore } = only(await ledger.settle([item]));
    return appliedOutcome(applied ? spentBefore : undefined);
  }
  if (method === "lease") {
    const result = only(await ledger.lease([item]));
    return grantOutcome(result.kind === "granted" ? result.amount : undefined);
  }
  const { applied, spentBefore } = only(
    method === "charge" ? await ledger.charge([item]) : await ledger.returnLeases([item]),
  );
  return appliedOutcome(applied ? spentBefore : undefined);
}

/** The sequential model, after a list of questions; an id charges and leases once. */
export class Model {
  readonly oracle: LedgerOracle = new LedgerOracle(Number.POSITIVE_INFINITY);
  readonly #charged = new Set<string>();

  constructor(asked: readonly Question[]) {
    for (const question of asked) this.ask(question);
  }

  ask({ method, item }: Question): Outcome {
    const { oracle } = this;
    if (method === "reserve") return oracle.reserve(item);
    if (method === "settle") return appliedOutcome(oracle.settle(item));
    if (method === "lease") return grantOutcome(oracle.lease(item)?.amount);
    if (method === "returnLeases") return appliedOutcome(oracle.returnLease(item)?.spentBefore);
    if (this.#charged.has(item.id)) return appliedOutcome(undefined);
    this.#charged.add(item.id);
    return appliedOutcome(oracle.charge(item));
  }
}

function appliedOutcome(spentBefore: number | readonly number[] | undefined): Outcome {
  return spentBefore === undefined ? "not applied" : `applied after ${spentBefore}`;
}

function grantOutcome(amount: number | undefined): Outcome {
  return amount === undefined ? "refused" : `granted ${amount}`;
}
