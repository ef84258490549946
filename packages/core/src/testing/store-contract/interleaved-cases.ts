import { strict as assert } from "node:assert";
import type { AccountRef, Balance, LeaseReturn } from "../../ledger/ledger.ts";
import { copyOf } from "../../ledger/memory-correction.ts";
import { randomFrom } from "./hostile-names.ts";
import { LedgerCase, LONG_MS, ledgerCase, MINUTE, only, total } from "./ledger-case.ts";
import { LedgerOracle } from "./ledger-oracle.ts";
import type { LedgerContractOptions } from "./options.ts";

const STEPS = 100;
const SEEDS = 3;

interface Out {
  readonly id: string;
  readonly account: AccountRef;
  revision: number;
  settled: number;
  unknown: number;
  kept: number;
}

/** Random questions, asked of one connection or the other, and of the model. */
class Interleaving {
  readonly accounts: readonly AccountRef[];
  readonly #ends: readonly LedgerCase[];
  readonly #random: (below: number) => number;
  readonly #oracle = new LedgerOracle(Number.POSITIVE_INFINITY);
  readonly #held: string[] = [];
  readonly #leases: Out[] = [];
  #atMs: number;

  constructor(ends: readonly [LedgerCase, LedgerCase], seed: number) {
    const [trial] = ends;
    this.#ends = ends;
    this.#random = randomFrom(seed);
    this.#atMs = trial.startMs;
    this.accounts = [
      trial.account(400),
      trial.account(300, { unit: "calls" }),
      trial.account(500, { window: MINUTE }),
    ];
  }

  get #trial(): LedgerCase {
    return this.#ends[this.#random(2)] as LedgerCase;
  }

  async step(): Promise<void> {
    const kind = this.#random(10);
    this.#atMs += this.#random(3_000);
    if (kind < 3) await this.#reserve();
    else if (kind < 6) await this.#settle();
    else if (kind < 7) await this.#lease();
    else if (kind < 9) await this.#giveBack();
    else await this.#chargeOrCorrect();
    await this.#look();
  }

  /** Both connections show what the model does, and nothing is over its limit. */
  async #look(): Promise<void> {
    for (const trial of this.#ends) {
      const asked = this.accounts.map((account) => trial.again(account));
      const { results } = await trial.ledger.balances(asked, this.#atMs);
      for (const [index, account] of this.accounts.entries()) {
        const balance = copyOf(results[index] as Balance);
        assert.deepEqual(balance, this.#oracle.balance(account, this.#atMs));
        const bound = this.#oracle.boundOf(account) ?? Number.POSITIVE_INFINITY;
        assert.ok(total(balance) <= bound, `${JSON.stringify(balance)} is over ${bound}`);
      }
    }
  }

  async #reserve(): Promise<void> {
    const trial = this.#trial;
    const some = this.accounts.filter(() => this.#random(3) > 0);
    const order = this.#random(2) === 0 ? some : some.toReversed();
    const amounts = order.map(() => this.#random(90));
    const plain = order.map((account) => trial.again(account));
    const given = { atMs: this.#atMs, dispatched: this.#random(2) === 0 };
    const request = trial.reservation(plain, amounts, given);
    const { kind } = await trial.reserve(request);
    if (order.length === 0) return;
    assert.equal(kind, this.#oracle.reserve(request));
    if (kind === "reserved") this.#held.push(request.id);
  }

  async #settle(): Promise<void> {
    const trial = this.#trial;
    const index = this.#random(this.#held.length);
    const id = this.#held[index];
    if (id === undefined) return;
    const as = (["settled", "released", "unknown"] as const)[this.#random(3)] ?? "settled";
    const amounts = this.accounts.map(() => this.#random(70));
    const end = { id, as, amounts, atMs: this.#atMs };
    const expected = this.#oracle.settle(end);
    const { applied, spentBefore } = only(await trial.ledger.settle([end]));
    assert.deepEqual(applied ? [...spentBefore] : undefined, expected);
    if (as === "settled" && this.#random(4) > 0) this.#held.splice(index, 1);
  }

  async #lease(): Promise<void> {
    const trial = this.#trial;
    const account = this.#account();
    const given = { amount: this.#random(150), minimum: this.#random(20), maxShare: 1 / 4 };
    const asked = { id: trial.unique(), ...given, atMs: this.#atMs };
    const result = await trial.lease(trial.again(account), asked);
    const expected = this.#oracle.lease({ account, ...asked, ttlMs: LONG_MS });
    assert.equal(result.kind === "granted" ? result.amount : undefined, expected?.amount);
    if (result.kind !== "granted") return;
    const nothing = { revision: 0, settled: 0, unknown: 0 };
    this.#leases.push({ id: asked.id, account, ...nothing, kept: result.amount });
  }

  /** Moves some of what is kept, and some of what is unknown, as a holder would. */
  async #giveBack(): Promise<void> {
    const lease = this.#leases[this.#random(this.#leases.length)];
    if (lease === undefined) return;
    const cleared = this.#random(lease.unknown + 1);
    const ended = this.#random(lease.kept + 1);
    const used = this.#random(ended + 1);
    const vanished = this.#random(used + 1);
    lease.revision += this.#random(3);
    const told = {
      settled: lease.settled + this.#random(cleared + 1) + used - vanished,
      unknown: lease.unknown - cleared + vanished,
      kept: lease.kept - ended,
    };
    const back: LeaseReturn = {
      id: lease.id,
      revision: lease.revision,
      ...told,
      atMs: this.#atMs,
      ttlMs: LONG_MS,
    };
    const expected = this.#oracle.returnLease(back);
    const { applied, spentBefore } = only(await this.#trial.ledger.returnLeases([back]));
    assert.deepEqual(applied ? spentBefore : undefined, expected?.spentBefore);
    if (applied) Object.assign(lease, told);
  }

  async #chargeOrCorrect(): Promise<void> {
    const trial = this.#trial;
    const account = this.#account();
    if (this.#random(2) === 0 || account.window.kind === "rolling") {
      const common = { amount: this.#random(10), atMs: this.#atMs, rememberMs: LONG_MS };
      const charge = { id: trial.unique(), account: trial.again(account), ...common };
      const { spentBefore } = only(await trial.ledger.charge([charge]));
      assert.equal(spentBefore, this.#oracle.charge({ ...charge, account }));
      return;
    }
    const settled = this.#random(150);
    const correction = { account: trial.again(account), settled };
    await trial.ledger.correct([correction]);
    this.#oracle.correct({ account, settled });
  }

  #account(): AccountRef {
    return this.accounts[this.#random(this.accounts.length)] as AccountRef;
  }
}

/** What holds when everything happens in any order, over two connections where there are. */
export function interleavedCases(options: LedgerContractOptions): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const name = `it counts as a sequential model does, whatever comes in whatever order (${seed})`;
    ledgerCase(options, name, async (trial) => {
      const ledger = await options.reopen?.();
      const other = ledger === undefined ? trial : new LedgerCase(ledger, trial.startMs);
      try {
        await ledger?.ready();
        const interleaving = new Interleaving([trial, other], seed);
        for (let step = 0; step < STEPS; step++) await interleaving.step();
      } finally {
        await ledger?.close();
      }
    });
  }
}
