import type { Guard } from "../../guard/guard.ts";
import { createGuard, fileJournal } from "../../index.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Store } from "../../ports/store.ts";
import type { OpenTask } from "../../task/task.ts";
import { providerPrices } from "../adapter-contract/provider-prices.ts";
import { type CountedStore, countQuestions } from "./counted-store.ts";
import { accountOf, LONG_MS } from "./direct-account.ts";
import { shiftLedger } from "./shifted-ledger.ts";
import { spend } from "./spend.ts";
import type { Answer, Question, WorkerCalls } from "./worker-calls.ts";

/** One process of the contract: a guard on the shared store, told over its channel what to do. */
interface Opened {
  readonly guard: Guard;
  readonly ledger: Ledger;
  readonly counted: CountedStore;
  readonly providerUrl: string;
}

const WHY = { reason: "the contract says so", by: "process-contract" };

let opened: Opened | undefined;
let task: OpenTask | undefined;

function here(): Opened {
  if (opened === undefined) throw new Error("this process has no guard yet");
  return opened;
}

const calls: WorkerCalls = {
  async open({ storeModule, providerUrl, budgets, onHeld, aheadMs, journal }) {
    const { openStore } = (await import(storeModule)) as { openStore(): Store | Promise<Store> };
    const counted = countQuestions(await openStore());
    const store = { ...counted.store, ledger: shiftLedger(counted.store.ledger, aheadMs) };
    const clock = { ...systemClock, wallMs: () => systemClock.wallMs() + aheadMs };
    const given = { store, clock, budgets, onHeld, prices: providerPrices };
    const guard = createGuard(
      journal === undefined ? given : { ...given, journal: fileJournal(journal) },
    );
    await guard.budgets(); // from then on the store is open, and others know of this process
    opened = { guard, ledger: store.ledger, counted, providerUrl };
  },
  async spend(order) {
    const { guard, counted, providerUrl } = here();
    const before = counted.questions();
    const spent = await spend(guard, providerUrl, order);
    return { ...spent, questions: counted.questions() - before };
  },
  async openTask() {
    task = here().guard.openTask({});
    return task.id;
  },
  async endTask() {
    await task?.end();
  },
  kill: (ackTimeoutMs) => here().guard.kill("everything", { ...WHY, ackTimeoutMs }),
  revive: (killId) => here().guard.revive(killId, WHY),
  setBudget: (id, usd) => here().guard.setBudget(id, { limit: { usd } }, WHY),
  async reconcile(budget, usd) {
    await here().guard.reconcile([{ budget, spent: { usd } }], WHY);
  },
  budgets: () => here().guard.budgets(),
  async reserve({ id, key, amount, limit }) {
    const account = accountOf(key, limit);
    const request = { id, accounts: [account], amounts: [amount], expiresInMs: LONG_MS, atMs: 0 };
    const { results } = await here().ledger.reserve([request]);
    return results[0]?.kind ?? "no answer";
  },
  async settle(id, amount) {
    const { results } = await here().ledger.settle([{ id, as: "settled", amounts: [amount] }]);
    return results[0]?.applied ?? false;
  },
  async close() {
    await here().guard.close();
  },
};

async function answer({ number, name, given }: Question): Promise<Answer> {
  try {
    const call = calls[name] as (...values: readonly unknown[]) => Promise<unknown>;
    return { number, value: await call(...given) };
  } catch (error) {
    return { number, error: error instanceof Error ? (error.stack ?? error.message) : `${error}` };
  }
}

process.on("message", (question: Question) => {
  void answer(question).then((said) => process.send?.(said));
});
process.on("disconnect", () => process.exit(0)); // whoever asks has gone
