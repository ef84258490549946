import { strict as assert } from "node:assert";
import type { GuardOptions } from "../../guard/options.ts";
import { type FakeProvider, startFakeProvider } from "../fake-provider/fake-provider.ts";
import type { ModelContractOptions, ModelDriver } from "./driver.ts";
import { balance, createWorld, until, type World } from "./world.ts";

/** A guarded model, its provider, and a guard under observation. */
export interface ModelWorld extends World {
  readonly provider: FakeProvider;
  readonly driver: ModelDriver;
}

/** Runs a case in a world of its own, which is taken down in any event. */
export async function inModelWorld(
  contract: ModelContractOptions,
  run: (world: ModelWorld) => Promise<void>,
  options: GuardOptions = {},
): Promise<void> {
  const provider = await startFakeProvider();
  const world = createWorld(options);
  const driver = await contract.create({ provider, guard: world.guard });
  try {
    await run({ ...world, provider, driver });
  } finally {
    await driver.close?.();
    await world.guard.close();
    await provider.close();
  }
}

/**
 * The books at the end of any case: nothing held, one record a request, never below the invoice.
 */
export async function assertBooks(world: ModelWorld): Promise<void> {
  await world.provider.idle();
  await until("every request has its record", () => {
    return world.records.length >= world.provider.requestCount();
  });
  assert.equal(world.records.length, world.provider.requestCount(), "one record a request");
  assert.equal(world.guard.metrics().calls.inFlight, 0, "no call is in flight");
  await assertMoney(world);
}

/**
 * As above, where the sweeper may have ended a call: it charges, and leaves the record to a late
 * settle.
 */
export async function assertSwept(world: ModelWorld): Promise<void> {
  await world.provider.idle();
  await world.sweep();
  assert.ok(world.records.length <= world.provider.requestCount(), "at most one record a request");
  await assertMoney(world);
}

async function assertMoney(world: ModelWorld): Promise<void> {
  const { held, charged } = await balance(world.guard);
  assert.equal(held, 0, "nothing stays held");
  const billed = world.provider.billedNanoUsd();
  assert.ok(charged >= billed, `charged ${charged} is below the ${billed} that was billed`);
}
