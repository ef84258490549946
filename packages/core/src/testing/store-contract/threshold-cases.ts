import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { createGuard } from "../../guard/create-guard.ts";
import type { Guard } from "../../guard/guard.ts";
import { createMemoryStore } from "../../guard/memory-store.ts";
import type { LeaseReturn, Ledger } from "../../ledger/ledger.ts";
import type { Store } from "../../ports/store.ts";
import type { StoreContractOptions } from "./options.ts";

const POLL_MS = 20;
const PATIENCE_MS = 4_000;
/** So long a guard asks the store for each call, after one that took much of what was left. */
const EXACT_MS = 1_100;

/** A line on which answers get lost, though the store has done what was asked. */
interface DeafLine {
  loses: boolean;
  lost: number;
  /** Whether all leases have come back to the store. */
  isReturned: boolean;
}

/** What holds for guards on a store that is there when answers get lost on the way. */
export function thresholdCases({ test, createStore, reopen }: StoreContractOptions): void {
  if (reopen === undefined) return; // in memory nothing gets lost on the way

  test("a threshold is told though the answer to a lease's last report got lost", async () => {
    await trial(createStore, ["returnLeases"], async (guard, line, told) => {
      await spend(guard, 0.499);
      await setTimeout(EXACT_MS); // from here on calls spend from a lease again
      await spend(guard, 0.0001);
      Object.assign(line, { loses: true, lost: 0, isReturned: false });
      for (let call = 0; call < 20; call++) await spend(guard, 0.0001);
      await until("the leases came back", () => line.isReturned && line.lost > 0);
      line.loses = false;
      await until("the threshold is told", () => told.length > 0);
      await until("nothing is out", async () => (await guard.budgets())[0]?.leased === 0);
      assertTold(told);
    });
  });

  test("a threshold is told though the answer to the end of a call got lost", async () => {
    await trial(createStore, ["settle"], async (guard, line, told) => {
      await spend(guard, 0.3); // much of what is left: the store is asked for the next one
      const permit = await guard.begin(callOf(0.3));
      permit.dispatched();
      line.loses = true;
      await permit.settle();
      await until("the answer is lost", () => line.lost > 0);
      line.loses = false;
      await until("the threshold is told", () => told.length > 0);
      await until("it is settled", async () => (await guard.budgets())[0]?.settled === 0.6e9);
      assertTold(told);
    });
  });
}

/** Who cannot know whether it was told tells again: with two answers on the way, that is twice. */
function assertTold(told: readonly number[]): void {
  assert.ok(told.length <= 2, `it was told ${told.length} times`);
  assert.deepEqual([...new Set(told)], [0.5]);
}

async function trial(
  createStore: StoreContractOptions["createStore"],
  methods: readonly ("returnLeases" | "settle")[],
  run: (guard: Guard, line: DeafLine, told: readonly number[]) => Promise<void>,
): Promise<void> {
  const { store, line } = deafTo(await createStore(), methods);
  const budget = { id: `case-${randomUUID()}`, limit: { usd: 1 }, window: "day" } as const;
  const at = [{ fraction: 0.5, do: "alert" as const }];
  const guard = createGuard({ store, budgets: [{ ...budget, at }] });
  const told: number[] = [];
  guard.on("budget-threshold-crossed", ({ fraction }) => told.push(fraction));
  try {
    await run(guard, line, told);
  } finally {
    await guard.close();
  }
}

/** The same store, from which the answers of some methods get lost while its line loses. */
function deafTo(
  given: Store,
  methods: readonly ("returnLeases" | "settle")[],
): { readonly store: Store; readonly line: DeafLine } {
  const line: DeafLine = { loses: false, lost: 0, isReturned: false };
  const losing =
    <B, R>(method: (batch: B) => R) =>
    async (batch: B): Promise<Awaited<R>> => {
      const reply = await method(batch);
      if (!line.loses) return reply;
      line.lost++;
      throw new Error("connection reset");
    };
  const { ledger } = given;
  const returnLeases: Ledger["returnLeases"] = async (batch) => {
    const reply = await ledger.returnLeases(batch);
    line.isReturned = batch.every(keepsNothing);
    return reply;
  };
  const deaf: Ledger = {
    ...ledger,
    returnLeases: methods.includes("returnLeases") ? losing(returnLeases) : returnLeases,
    settle: methods.includes("settle") ? losing(ledger.settle) : ledger.settle,
  };
  const { killLog } = createMemoryStore(); // kills of other cases are none of this one's
  return { store: { ledger: deaf, killLog }, line };
}

function keepsNothing({ unknown, kept }: LeaseReturn): boolean {
  return unknown === 0 && kept === 0;
}

function callOf(usd: number) {
  return { kind: "tool", name: "t", estimate: { usd } } as const;
}

async function spend(guard: Guard, usd: number): Promise<void> {
  const permit = await guard.begin(callOf(usd));
  permit.dispatched();
  await permit.settle();
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const startedMs = performance.now();
  while (!(await isSo())) {
    assert.ok(performance.now() - startedMs < PATIENCE_MS, `in vain: ${what}`);
    await setTimeout(POLL_MS);
  }
}
