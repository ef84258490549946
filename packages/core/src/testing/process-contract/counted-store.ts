import type { Ledger } from "../../ledger/ledger.ts";
import type { Store } from "../../ports/store.ts";

/** A store, and how many questions reached its ledger. */
export interface CountedStore {
  readonly store: Store;
  questions(): number;
}

/** Counts the questions that a guard asks of a store. */
export function countQuestions(store: Store): CountedStore {
  let questions = 0;
  const counted =
    <A extends unknown[], R>(method: (...given: A) => R) =>
    (...given: A): R => {
      questions++;
      return method(...given);
    };
  const { ledger } = store;
  const watched: Ledger = {
    ...ledger,
    reserve: counted(ledger.reserve),
    settle: counted(ledger.settle),
    dispatch: counted(ledger.dispatch),
    balances: counted(ledger.balances),
    lease: counted(ledger.lease),
    returnLeases: counted(ledger.returnLeases),
    charge: counted(ledger.charge),
  };
  return { store: { ...store, ledger: watched }, questions: () => questions };
}
