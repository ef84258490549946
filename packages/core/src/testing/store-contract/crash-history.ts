import { strict as assert } from "node:assert";
import type { AccountRef, Balance } from "../../ledger/ledger.ts";
import { copyOf } from "../../ledger/memory-correction.ts";
import { askLedger, Model, type Outcome, type Question } from "./crash-question.ts";
import { type LedgerCase, LONG_MS, MINUTE, total } from "./ledger-case.ts";
import type { BreakingLedger } from "./options.ts";

/** A lease that was granted, as far as its holder knows. */
interface Out {
  readonly id: string;
  readonly kept: number;
  revision: number;
  settled: number;
}

/** Opens the data once more, to be broken. */
type OpenBreaking = () => Promise<BreakingLedger>;

/**
 * A random history that breaks now and then. After each break the data are held against the model
 * in which the questions that broke were carried out up to some item, each wholly or not at all;
 * then they are asked again, which must make up for exactly what was not.
 */
export class CrashHistory {
  /** How often it broke. */
  breaks = 0;
  readonly #trial: LedgerCase;
  readonly #open: OpenBreaking;
  readonly #choices: readonly number[];
  readonly #accounts: readonly AccountRef[];
  readonly #held: string[] = [];
  readonly #leases: Out[] = [];
  /** Everything that the data have been asked, in order. */
  #asked: readonly Question[] = [];
  #used = 0;
  #atMs: number;

  constructor(trial: LedgerCase, open: OpenBreaking, choices: readonly number[]) {
    this.#trial = trial;
    this.#open = open;
    this.#choices = choices;
    this.#atMs = trial.startMs;
    this.#accounts = [
      trial.account(400),
      trial.account(300, { unit: "calls" }),
      trial.account(500, { window: MINUTE }),
    ];
  }

  /** Asks until the choices are used up. */
  async run(): Promise<void> {
    let breaking = await this.#open();
    try {
      while (this.#used < this.#choices.length) {
        const run = this.#nextRun();
        if (this.#next(4) === 0) await breaking.breakNext();
        const answers = await askAll(breaking, run);
        if (breaking.hasBroken()) breaking = await this.#reopen(breaking);
        if (answers !== undefined) this.#answered(run, answers);
        else await this.#askAgain(breaking, run);
        await this.#look([new Model(this.#asked)]);
      }
    } finally {
      await breaking.ledger.close();
    }
  }

  async #reopen({ ledger }: BreakingLedger): Promise<BreakingLedger> {
    this.breaks++;
    await Promise.resolve(ledger.close()).catch(() => {}); // it is broken
    return this.#open();
  }

  /** Each item was done wholly or not at all, in order; asked again, what was not done is done. */
  async #askAgain(breaking: BreakingLedger, run: readonly Question[]): Promise<void> {
    const done = run.map((_, index) => [...this.#asked, ...run.slice(0, index)]);
    done.push([...this.#asked, ...run]);
    const seen = await this.#look(done.map((asked) => new Model(asked)));
    const answers: Outcome[] = [];
    for (const question of run) answers.push(await askLedger(breaking.ledger, question));
    const possible = done.filter((_, index) => seen[index] === true);
    const expected = possible.map((asked) => {
      const model = new Model(asked);
      return run.map((question) => model.ask(question)).join();
    });
    const chosen = expected.indexOf(answers.join());
    assert.ok(chosen >= 0, `asked again it answers ${answers}, but one of ${expected} was right`);
    this.#asked = [...(possible[chosen] ?? []), ...run];
    for (const [index, question] of run.entries()) this.#learn(question, answers[index] ?? "");
  }

  #answered(run: readonly Question[], answers: readonly Outcome[]): void {
    const model = new Model(this.#asked);
    const expected = run.map((question) => model.ask(question));
    assert.deepEqual(answers, expected);
    this.#asked = [...this.#asked, ...run];
    for (const [index, question] of run.entries()) this.#learn(question, answers[index] ?? "");
  }

  /** Which models the data agree with: one at least, and within every limit. */
  async #look(models: readonly Model[]): Promise<readonly boolean[]> {
    const asked = this.#accounts.map((account) => this.#trial.again(account));
    const { results } = await this.#trial.ledger.balances(asked, this.#atMs);
    const shown = this.#accounts.map((_, index) => copyOf(results[index] as Balance));
    const right = models.map(({ oracle }) =>
      this.#accounts.map((account) => oracle.balance(account, this.#atMs)),
    );
    const said = JSON.stringify(shown);
    const agreeing = right.map((balances) => JSON.stringify(balances) === said);
    assert.ok(agreeing.includes(true), `${said} is none of ${JSON.stringify(right)}`);
    for (const [index, account] of this.#accounts.entries()) {
      const bound = models[0]?.oracle.boundOf(account) ?? Number.POSITIVE_INFINITY;
      assert.ok(total(shown[index] as Balance) <= bound, `${said} is over ${bound}`);
    }
    return agreeing;
  }

  #learn({ method, item }: Question, answer: Outcome): void {
    if (method === "reserve" && (answer === "reserved" || answer === "duplicate")) {
      this.#held.push(item.id);
    }
    if (method === "lease" && answer !== "refused") {
      const kept = Number(answer.split(" ").at(-1));
      this.#leases.push({ id: item.id, kept, revision: 0, settled: 0 });
    }
  }

  #nextRun(): readonly Question[] {
    this.#atMs += this.#next(3_000);
    const run: Question[] = [];
    for (let count = 1 + this.#next(3); count > 0; count--) {
      const question = this.#nextQuestion();
      if (question !== undefined) run.push(question);
    }
    return run;
  }

  #nextQuestion(): Question | undefined {
    const kind = this.#next(10);
    if (kind < 4) return this.#reserve();
    if (kind < 6) return this.#settle();
    if (kind < 7) return this.#lease();
    return kind < 9 ? this.#giveBack() : this.#charge();
  }

  #reserve(): Question | undefined {
    const trial = this.#trial;
    const order = this.#accounts.filter(() => this.#next(3) > 0);
    if (order.length === 0) return undefined;
    const accounts = order.map((account) => trial.again(account));
    const amounts = order.map(() => 1 + this.#next(90));
    const given = { atMs: this.#atMs, dispatched: this.#next(2) === 0 };
    return { method: "reserve", item: trial.reservation(accounts, amounts, given) };
  }

  #settle(): Question | undefined {
    const id = this.#held[this.#next(this.#held.length)];
    if (id === undefined) return undefined;
    const as = (["settled", "released", "unknown"] as const)[this.#next(3)] ?? "settled";
    const amounts = this.#accounts.map(() => this.#next(70));
    return { method: "settle", item: { id, as, amounts, atMs: this.#atMs } };
  }

  #lease(): Question {
    const account = this.#trial.again(this.#account());
    const given = { amount: 1 + this.#next(150), minimum: 1 + this.#next(20), maxShare: 1 / 4 };
    const common = { ttlMs: LONG_MS, atMs: this.#atMs };
    return { method: "lease", item: { id: this.#trial.unique(), account, ...given, ...common } };
  }

  /** Tells what was used so far; a part of the rest may not be known, and some is kept. */
  #giveBack(): Question | undefined {
    const lease = this.#leases[this.#next(this.#leases.length)];
    if (lease === undefined) return undefined;
    lease.revision++;
    lease.settled += this.#next(lease.kept - lease.settled + 1);
    const unknown = this.#next(lease.kept - lease.settled + 1);
    const kept = this.#next(lease.kept - lease.settled - unknown + 1);
    const told = { revision: lease.revision, settled: lease.settled, unknown, kept };
    const common = { atMs: this.#atMs, ttlMs: LONG_MS };
    return { method: "returnLeases", item: { id: lease.id, ...told, ...common } };
  }

  #charge(): Question {
    const account = this.#trial.again(this.#account());
    const common = { amount: 1 + this.#next(10), atMs: this.#atMs, rememberMs: LONG_MS };
    return { method: "charge", item: { id: this.#trial.unique(), account, ...common } };
  }

  #account(): AccountRef {
    return this.#accounts[this.#next(this.#accounts.length)] as AccountRef;
  }

  #next(below: number): number {
    return below === 0 ? 0 : (this.#choices[this.#used++] ?? 0) % below;
  }
}

/** Asked in one go, as a busy guard does; undefined when it broke. */
async function askAll(
  { ledger }: BreakingLedger,
  run: readonly Question[],
): Promise<readonly Outcome[] | undefined> {
  const asked = await Promise.allSettled(run.map((question) => askLedger(ledger, question)));
  const answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  return answers.length === run.length ? answers : undefined;
}
