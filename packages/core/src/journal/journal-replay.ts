import type { StoreLink } from "../lease/store-link.ts";
import type { OnSpent } from "../lease/told-spending.ts";
import type { AccountRef, Balance, LeaseReturn, Ledger } from "../ledger/ledger.ts";
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
  /** Leases that were given back, calls that the store held and charges without a reservation. */
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
   * Tells all of one journal, and takes it away. Undefined when it says nothing.
   * @throws {StoreUnavailableError} `BR8001`; the journal stays.
   * @throws {SyntaxError | TypeError} When it cannot be read as one.
   */
  async run(part: LeftPart): Promise<ReplayedJournal | undefined> {
    const state = new JournalState();
    for (const entry of parseEntries(await part.read())) state.apply(entry);
    const [returns, ends, charges] = [state.returns(this.#nowMs()), state.ends(), state.charges()];
    await this.#tell(returns, async (batch) => {
      const asked = batch.map(({ account: _, ...told }): LeaseReturn => told);
      const { reply } = await this.#link.ask(() => this.#ledger.returnLeases(asked));
      return reply.results;
    });
    await inBatches(ends, (batch) => this.#link.ask(() => this.#ledger.settle(batch)));
    await this.#tell(charges, async (batch) => {
      const { reply } = await this.#link.ask(() => this.#ledger.charge(batch));
      return reply.results;
    });
    const isEmpty = returns.length + ends.length + charges.length === 0;
    if (!isEmpty || part.isGone) await part.remove(); // an empty one may be of a guard that rests
    const counts = { leases: returns.length, calls: ends.length, charges: charges.length };
    return isEmpty ? undefined : { journal: part.name, ...counts };
  }

  async #tell<T extends { readonly account: AccountRef }>(
    items: readonly T[],
    ask: (batch: readonly T[]) => Promise<readonly Told[]>,
  ): Promise<void> {
    await inBatches(items, async (batch) => {
      for (const [index, { spentBefore, balance }] of (await ask(batch)).entries()) {
        if (spentBefore === undefined || balance === undefined) continue;
        this.#onSpent((batch[index] as T).account, spentBefore, balance);
      }
    });
  }
}

async function inBatches<T>(
  items: readonly T[],
  tell: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += MAX_BATCH) {
    await tell(items.slice(from, from + MAX_BATCH));
  }
}
