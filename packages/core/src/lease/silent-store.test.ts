import { expect, it } from "vitest";
import type { Ledger } from "../index.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { createLeasedLedger } from "./leased-ledger.ts";

/** A leasing ledger on a store of which one method never ends, once it was asked. */
function openLedger(silent: "ready" | "close") {
  const clock = createFakeClock();
  const state = { isAsked: false };
  const hang = (): Promise<void> => {
    state.isAsked = true;
    return new Promise(() => {});
  };
  const given: Ledger = { ...new SlowDatabase().connect().ledger, [silent]: hang };
  const ignore = (): void => {};
  const listeners = { onKillEpoch: ignore, onSpent: ignore, onChange: ignore };
  const ledger = createLeasedLedger({ ledger: given, clock, ...listeners });
  /** Once the store was asked, so much time passes. */
  const passAsked = async (ms: number): Promise<void> => {
    await expect.poll(() => state.isAsked).toBe(true);
    clock.advance(ms);
  };
  return { ledger, passAsked };
}

it("a store that does not open within fifteen seconds counts as down", async () => {
  const { ledger, passAsked } = openLedger("ready");
  const refused = expect(ledger.ready()).rejects.toMatchObject({ code: "BR8001" });
  await passAsked(15_000);
  await refused;
});

it("a store that does not close within ten seconds is left to itself", async () => {
  const { ledger, passAsked } = openLedger("close");
  await ledger.ready();
  const closed = Promise.resolve(ledger.close());
  await passAsked(10_000);
  await expect(closed).resolves.toBeUndefined();
});
