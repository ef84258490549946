import { strict as assert } from "node:assert";
import type { Reservation, ReserveResult, Settlement, SettleResult } from "../../ledger/ledger.ts";
import { type LedgerCase, ledgerCase, only } from "./ledger-case.ts";
import type { LedgerContractOptions } from "./options.ts";

/** Attempts of one call: they share an id, and what it holds. */
class Attempts {
  readonly request: Reservation;
  readonly #trial: LedgerCase;

  constructor(trial: LedgerCase, account: Reservation["accounts"][number], amount: number) {
    this.#trial = trial;
    this.request = { ...trial.reservation([account], [amount]), dispatched: true, once: true };
  }

  async begin(): Promise<ReserveResult["kind"]> {
    return only(await this.#trial.ledger.reserve([this.request])).kind;
  }

  release(): Promise<SettleResult> {
    return this.#end("released", []);
  }

  settle(amount: number): Promise<SettleResult> {
    return this.#end("settled", [amount]);
  }

  giveUp(): Promise<SettleResult> {
    return this.#end("unknown", []);
  }

  async #end(as: Settlement["as"], amounts: readonly number[]): Promise<SettleResult> {
    const { id } = this.request;
    return only(await this.#trial.ledger.settle([{ id, as, amounts, once: true }]));
  }
}

/** What holds for attempts of one call (`once`). */
export function attemptCases(options: LedgerContractOptions): void {
  ledgerCase(options, "an attempt after a released one holds the money anew", async (trial) => {
    const account = trial.account(100);
    const attempts = new Attempts(trial, account, 60);
    for (let index = 0; index < 3; index++) {
      assert.equal(await attempts.begin(), "reserved");
      await trial.expect(account, { held: 60 });
      assert.equal((await attempts.release()).applied, true);
      assert.equal((await attempts.release()).applied, false);
      await trial.expect(account, {});
    }
    assert.equal(await attempts.begin(), "reserved");
    assert.equal(await trial.fits(account, 41), false);
    assert.equal((await attempts.settle(50)).applied, true);
    assert.equal(await attempts.begin(), "duplicate");
    await trial.expect(account, { settled: 50 });
  });

  ledgerCase(options, "money stays held until the last attempt has given it back", async (t) => {
    const account = t.account(100);
    const attempts = new Attempts(t, account, 60);
    const kinds = [await attempts.begin(), await attempts.begin(), await attempts.begin()];
    assert.deepEqual(kinds, ["reserved", "duplicate", "duplicate"]);
    for (let index = 0; index < 2; index++) {
      assert.equal((await attempts.release()).applied, false);
      await t.expect(account, { held: 60 });
    }
    assert.equal((await attempts.release()).applied, true);
    await t.expect(account, {});
  });

  ledgerCase(options, "an attempt that was sent is covered when the first gives up", async (t) => {
    const account = t.account(100);
    const attempts = new Attempts(t, account, 60);
    await attempts.begin();
    await attempts.begin();
    await attempts.release();
    assert.equal(await t.fits(account, 41), false);
    assert.equal((await attempts.settle(30)).applied, true);
    assert.equal((await attempts.release()).applied, false);
    await t.expect(account, { settled: 30 });
  });

  ledgerCase(options, "an attempt after the truth came late is the same call", async (trial) => {
    const account = trial.account(100);
    const attempts = new Attempts(trial, account, 60);
    await attempts.begin();
    await attempts.giveUp();
    assert.equal(await attempts.begin(), "duplicate");
    assert.equal((await attempts.settle(30)).applied, true);
    for (let index = 0; index < 2; index++) assert.equal(await attempts.begin(), "duplicate");
    await trial.expect(account, { settled: 30 });
  });

  ledgerCase(options, "attempts of many calls in one batch do not mix", async (trial) => {
    const account = trial.account(1_000);
    const many = Array.from({ length: 8 }, () => new Attempts(trial, account, 10).request);
    const begin = async (): Promise<readonly string[]> => {
      return (await trial.ledger.reserve(many)).results.map(({ kind }) => kind);
    };
    const end = async (): Promise<readonly boolean[]> => {
      const ends = many.map(({ id }) => ({ id, as: "released", amounts: [], once: true }) as const);
      return (await trial.ledger.settle(ends)).results.map(({ applied }) => applied);
    };
    assert.deepEqual([...new Set(await begin())], ["reserved"]);
    assert.deepEqual([...new Set(await begin())], ["duplicate"]);
    assert.deepEqual([...new Set(await end())], [false]);
    await trial.expect(account, { held: 80 });
    assert.deepEqual([...new Set(await end())], [true]);
    await trial.expect(account, {});
    assert.deepEqual([...new Set(await begin())], ["reserved"]);
    await trial.expect(account, { held: 80 });
  });
}
