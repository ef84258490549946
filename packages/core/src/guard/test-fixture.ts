import {
  type BudgetStatus,
  type CallRecord,
  type CallRequest,
  createGuard,
  createMemoryStore,
  findGuardError,
  type Guard,
  type GuardErrorCode,
  type GuardOptions,
  type Ledger,
  type Store,
  type Usage,
} from "../index.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

/** Of `gpt-5-mini`, in nano-dollars a token. */
export const RATES: { readonly input: number; readonly output: number } = {
  input: 250,
  output: 2_000,
};

/** Reason and actor, for changes whose reason does not matter. */
export const WHY: { readonly reason: string; readonly by: string } = { reason: "test", by: "me" };

/** A guard on a fake clock, with the records that it published. */
export interface TestGuard {
  readonly clock: FakeClock;
  readonly guard: Guard;
  readonly records: readonly CallRecord[];
}

/**
 * Makes a guard with the fake provider's prices; noon UTC on 1 January 2026 unless told otherwise.
 */
export function setUp(options: GuardOptions = {}, startMs?: number): TestGuard {
  const clock = createFakeClock(startMs);
  const guard = createGuard({ prices: providerPrices, clock, ...options });
  const records: CallRecord[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("warning", () => {}); // said on the process when nobody listens
  return { clock, guard, records };
}

/** A request to `gpt-5-mini`, bounded as told. */
export function model(
  inputTokens: number,
  maxOutputTokens?: number,
  more: Partial<CallRequest> = {},
): CallRequest {
  const estimate =
    maxOutputTokens === undefined ? { inputTokens } : { inputTokens, maxOutputTokens };
  return { kind: "model", provider: "openai", name: "gpt-5-mini", estimate, ...more };
}

/** A request to run a tool, with a price or without. */
export function tool(name: string, usd?: number): CallRequest {
  return { kind: "tool", name, ...(usd !== undefined && { estimate: { usd } }) };
}

/** Usage of so many tokens. */
export function used(inputTokens: number, outputTokens: number): { readonly usage: Usage } {
  return { usage: { inputTokens, outputTokens } };
}

/** One whole call that uses just what it was bounded to. */
export async function spend(guard: Guard, request: CallRequest = model(1, 1)): Promise<CallRecord> {
  const permit = await guard.begin(request);
  permit.dispatched();
  const { inputTokens = 0, maxOutputTokens = 0 } = request.estimate ?? {};
  return permit.settle(used(inputTokens, maxOutputTokens));
}

/** The code of the refusal that something ends with; undefined when it succeeds. */
export async function codeOf(run: Promise<unknown>): Promise<GuardErrorCode | undefined> {
  try {
    await run;
    return undefined;
  } catch (error) {
    const code = findGuardError(error)?.code;
    if (code === undefined) throw error;
    return code;
  }
}

/** The one account of a budget, or of the first. */
export async function account(guard: Guard, id?: string): Promise<BudgetStatus> {
  const all = await guard.budgets();
  const found = all.find((status) => id === undefined || status.id === id);
  if (found === undefined) throw new Error(`no account of ${id ?? "any budget"}`);
  return found;
}

/** Lets everything that waits for a promise go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

/** Records added up, as an application would. */
export interface Books {
  cost(): number;
  readonly corrections: readonly CallRecord[];
}

/** What the records say that a guard has cost, corrections included. */
export function bookkeeping(guard: Guard): Books {
  const latest = new Map<string, CallRecord>();
  const corrections: CallRecord[] = [];
  guard.on("call-settled", (record) => latest.set(record.id, record));
  guard.on("call-corrected", ({ record, before }) => {
    if (latest.get(record.id) !== before) throw new Error("it replaces a record nobody saw");
    corrections.push(record);
    latest.set(record.id, record);
  });
  const cost = (): number =>
    [...latest.values()].reduce((sum, record) => sum + (record.costNanoUsd ?? 0), 0);
  return { cost, corrections };
}

/** A memory store that answers a turn later; `fail.settle` makes it lose its connection. */
export function slowStore(): { readonly store: Store; readonly fail: { settle: boolean } } {
  const { ledger, killLog } = createMemoryStore();
  const fail = { settle: false };
  const slow: Ledger = {
    ...ledger,
    reserve: async (batch) => ledger.reserve(batch),
    balances: async (accounts, atMs) => ledger.balances(accounts, atMs),
    settle: async (batch) => {
      await Promise.resolve();
      if (fail.settle) throw new Error("connection lost");
      return ledger.settle(batch);
    },
  };
  return { store: { ledger: slow, killLog }, fail };
}
