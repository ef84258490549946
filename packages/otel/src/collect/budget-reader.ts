import type { BudgetStatus, Clock, Guard } from "@burnrate/core";

/** A scrape waits no longer than this for a store; Prometheus itself gives up after 10 s. */
const READ_TIMEOUT_MS = 1_000;

/**
 * Keeps what guards said last about their budgets, because a store answers only later. Tasks and
 * sessions are left out: mostly they are over, and thousands of them would take the store's time.
 */
export class BudgetReader {
  readonly #guards: Iterable<Guard>;
  readonly #clock: Clock;
  #last: readonly BudgetStatus[] = [];
  #reading: Promise<void> | undefined;
  #failed = 0;

  constructor(guards: Iterable<Guard>, clock: Clock) {
    this.#guards = guards;
    this.#clock = clock;
  }

  /** Of the last read; empty when the store did not answer it: an old balance is no balance. */
  get last(): readonly BudgetStatus[] {
    return this.#last;
  }

  /** Reads that a store did not answer in time. */
  get failed(): number {
    return this.#failed;
  }

  /** Asks every guard, at most one second long; who asks meanwhile gets the same answer. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const read = await Promise.all([...this.#guards].map((guard) => this.#balancesOf(guard)));
    this.#failed += read.filter((balances) => balances === undefined).length;
    const all = read.flatMap((balances) => balances ?? []);
    // Guards that share a store tell the same balances: the fullest telling of each is shown.
    const each = new Map<string, BudgetStatus>();
    for (const one of all) {
      const known = each.get(one.account);
      if (known === undefined || takenOf(one) > takenOf(known)) each.set(one.account, one);
    }
    this.#last = [...each.values()];
  }

  #balancesOf(guard: Guard): Promise<readonly BudgetStatus[] | undefined> {
    return new Promise((resolve) => {
      const stop = this.#clock.setTimer(() => resolve(undefined), READ_TIMEOUT_MS, "background");
      const answer = (balances: readonly BudgetStatus[] | undefined): void => {
        stop();
        resolve(balances);
      };
      guard.budgets({ ephemeral: false }).then(answer, () => answer(undefined));
    });
  }
}

/** A guard may know of spending that its store has not heard of yet. */
function takenOf({ settled, held, leased, unknown }: BudgetStatus): number {
  return settled + held + leased + unknown;
}
