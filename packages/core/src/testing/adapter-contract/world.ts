import { strict as assert } from "node:assert";
import { setTimeout } from "node:timers/promises";
import type { CallRecord } from "../../call/call-record.ts";
import { findGuardError } from "../../errors/find-guard-error.ts";
import type { GuardError } from "../../errors/guard-error.ts";
import type { Guard } from "../../guard/guard.ts";
import type { GuardOptions } from "../../guard/options.ts";
import { createGuard } from "../../index.ts";
import { createFakeClock } from "../fake-clock.ts";
import { providerPrices } from "./provider-prices.ts";

const MAX_POLLS = 5_000;
const SWEEP_STEP_MS = 60_000;
const MAX_SWEEPS = 240;

/** A guard under observation. */
export interface World {
  readonly guard: Guard;
  readonly records: readonly CallRecord[];
  readonly refusals: readonly GuardError[];
  /** Lets time pass until the sweeper has ended what nothing else did. */
  sweep(): Promise<void>;
}

/** Makes a guard on a fake clock that writes down everything it says. */
export function createWorld(options: GuardOptions = {}): World {
  const clock = createFakeClock();
  const guard = createGuard({ prices: providerPrices, budgets: ["$5/day"], clock, ...options });
  const records: CallRecord[] = [];
  const refusals: GuardError[] = [];
  guard.on("call-settled", (record) => records.push(record));
  guard.on("call-refused", ({ error }) => refusals.push(error));
  return {
    guard,
    records,
    refusals,
    async sweep() {
      for (let step = 0; step < MAX_SWEEPS && (await balance(guard)).held > 0; step += 1) {
        clock.advance(SWEEP_STEP_MS);
        await setTimeout(0);
      }
    },
  };
}

/** What the accounts say in dollars, in nano-dollars. */
export async function balance(guard: Guard): Promise<{ held: number; charged: number }> {
  const accounts = (await guard.budgets()).filter((account) => account.unit === "usd");
  const [account] = accounts;
  assert.ok(account !== undefined, "the contract's guard has a budget in dollars");
  return { held: account.held, charged: account.settled + account.unknown };
}

/** Waits for a condition without knowing how long that takes; gives up after seconds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    if (await condition()) return;
    await setTimeout(1);
  }
  assert.fail(`never happened: ${what}`);
}

/** Runs something that must fail and gives back what it threw. */
export async function errorOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** The refusal in what a framework gave back, thrown or not. */
export async function refusalOf(run: () => Promise<unknown>): Promise<GuardError> {
  let seen: unknown;
  try {
    seen = await run();
  } catch (error) {
    seen = error;
  }
  const refusal = findGuardError(seen);
  assert.ok(refusal !== undefined, `findGuardError found nothing in ${String(seen)}`);
  return refusal;
}

/** The only record there may be. */
export function onlyRecord(world: World): CallRecord {
  assert.equal(world.records.length, 1, "exactly one record for one request");
  const [record] = world.records;
  assert.ok(record !== undefined);
  return record;
}
