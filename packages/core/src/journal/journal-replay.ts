import type { StoreLink } from "../lease/store-link.ts";
import type { OnSpent } from "../lease/told-spending.ts";
import type {
  AccountRef,
  Balance,
  LateCharge,
  LeaseReturn,
  Ledger,
  LedgerReply,
} from "../ledger/ledger.ts";
import type { MaybePromise } from "../ports/maybe-promise.ts";
import type { LeftPart } from "./journal.ts";
import { parseEntries } from "./journal-entry.ts";
import { JournalState } from "./journal-state.ts";

const MAX_BATCH = 256;

/** What the store answers to one item. */
interface Told {
  readonly spentBefore: number | undefined;
  readonly balance: Balance | undefined;
}

/** What was told of the spending of a process that crashed. */
export interface ReplayedJournal {
  /** Where it was noted: the path of a file. */
  readonly journal: string;
  /**
   * Leases that were given back, calls that the store held, and charges without a reservation, as
   * many as the store did not know all about.
   */
  readonly leases: number;
  readonly calls: number;
  readonly charges: number;
}

/** Tells the store what journals say that it may not know. Telling it twice does no harm. */
export class JournalReplay {
  readonly #ledger: Ledger;
  readonly #link: StoreLink;
  readonly #onSpent: OnSpent;
  readonly #nowMs: () => number;

  constructor(ledger: Ledger, link: StoreLink, onSpent: OnSpent, nowMs: () => number) {
    this.#ledger = ledger;
    this.#link = link;
    this.#onSpent = onSpent;
    this.#nowMs = nowMs;
  }

  /**
   * Tells all of one journal, and takes it away. Undefined when there was nothing to tell.
   * @throws {StoreUnavailableError} `BR8001`; the journal stays.
   * @throws {SyntaxError | TypeError} When it cannot be read as one.
   */
  async run(part: LeftPart): Promise<ReplayedJournal | undefined> {
    const state = new JournalState();
    for (const entry of parseEntries(await part.read())) state.apply(entry);
    const { isEmpty } = state;
    const leases = await this.#return(state.returns(this.#nowMs()));
    const calls = await inBatches(state.ends(), (batch) =>
      this.#ask(() => this.#ledger.settle(batch)),
    );
    const charges = await this.#charge(state.charges());
    if (!isEmpty || part.isGone) await part.remove(); // an empty one may be of a guard that rests
    const isNew = leases + calls + charges > 0;
    return isNew ? { journal: part.name, leases, calls, charges } : undefined;
  }

  #return(returns: ReturnType<JournalState["returns"]>): Promise<number> {
    return inBatches(returns, async (batch) => {
      const asked = batch.map(({ account: _, ...told }): LeaseReturn => told);
      return this.#hear(batch, await this.#ask(() => this.#ledger.returnLeases(asked)));
    });
  }

  #charge(charges: readonly LateCharge[]): Promise<number> {
    return inBatches(charges, async (batch) =>
      this.#hear(batch, await this.#ask(() => this.#ledger.charge(batch))),
    );
  }

  async #ask<T>(question: () => MaybePromise<LedgerReply<T>>): Promise<readonly T[]> {
    return (await this.#link.ask(question)).reply.results;
  }

  /** Whoever crosses a threshold by it says so. */
  #hear<T extends Told>(
    items: readonly { readonly account: AccountRef }[],
    answers: readonly T[],
  ): readonly T[] {
    for (const [index, { spentBefore, balance }] of answers.entries()) {
      const account = items[index]?.account;
      if (account === undefined || spentBefore === undefined || balance === undefined) continue;
      this.#onSpent(account, spentBefore, balance);
    }
    return answers;
  }
}

/** How many of the answers say that something was applied. */
async function inBatches<T>(
  items: readonly T[],
  tell: (batch: readonly T[]) => Promise<readonly { readonly applied: boolean }[]>,
): Promise<number> {
  let applied = 0;
  for (let from = 0; from < items.length; from += MAX_BATCH) {
    const answers = await tell(items.slice(from, from + MAX_BATCH));
    applied += answers.filter((answer) => answer.applied).length;
  }
  return applied;
}
