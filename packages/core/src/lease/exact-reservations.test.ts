import { expect, it } from "vitest";
import type { AccountRef, Ledger, Reservation } from "../index.ts";
import { LeaseJournal } from "../journal/lease-journal.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { ExactReservations } from "./exact-reservations.ts";
import { PendingWrites } from "./pending-writes.ts";
import { StoreLink } from "./store-link.ts";
import { StoreTime } from "./store-time.ts";

const NOBODY = {
  add: () => {},
  answerLost: () => {},
  heard: () => undefined,
  tell: () => {},
  tellSince: () => {},
};

it("does not prolong for ever, nor remember without end, calls whose truth never comes", async () => {
  const clock = createFakeClock();
  const link = new StoreLink(clock, new StoreTime(clock, "store"), () => {});
  const prolonged: string[] = [];
  const ledger = {
    reserve: (batch: readonly Reservation[]) => ({
      killEpoch: 0,
      results: batch.map(() => ({ kind: "reserved", balances: [] })),
    }),
    settle: () => ({ killEpoch: 0, results: [{ applied: true, balances: [], spentBefore: [] }] }),
    dispatch: (ids: readonly string[]) => {
      prolonged.push(...ids);
      return { killEpoch: 0, results: ids.map(() => true) };
    },
  } as unknown as Ledger;
  const listeners = { told: NOBODY, chargeUnbacked: () => {} };
  const pending = new PendingWrites(NOBODY, new LeaseJournal());
  const exact = new ExactReservations(
    ledger,
    link,
    pending,
    clock,
    listeners,
    new LeaseJournal(),
    () => 0,
  );
  const common = { accounts: [] as AccountRef[], amounts: [], expiresInMs: 1, atMs: 0 };
  for (let call = 0; call < 2_100; call++) {
    await exact.reserve({ id: `call-${call}`, ...common });
    exact.settle({ id: `call-${call}`, as: "unknown", amounts: [] });
  }
  await exact.idle();
  await exact.prolong();
  expect(prolonged).toEqual([]);
  expect(exact.size).toBe(0);
  expect(exact.has("call-0")).toBe(false);
  expect(exact.has("call-2099")).toBe(true);
});
