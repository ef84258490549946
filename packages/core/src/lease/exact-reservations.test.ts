import { expect, it } from "vitest";
import type { AccountRef, Ledger, Reservation, Settlement } from "../index.ts";
import { parseEntries } from "../journal/journal-entry.ts";
import { JournalState } from "../journal/journal-state.ts";
import { LeaseJournal } from "../journal/lease-journal.ts";
import { MemoryJournal } from "../journal/memory-journal.ts";
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

it("the journal keeps how a call ended though the store answers what was thought of it before", async () => {
  const clock = createFakeClock();
  const link = new StoreLink(clock, new StoreTime(clock, "store"), () => {});
  const ledger = {
    reserve: () => ({ killEpoch: 0, results: [{ kind: "reserved", balances: [] }] }),
    settle: ([end]: readonly Settlement[]) =>
      end?.as === "unknown"
        ? { killEpoch: 0, results: [{ applied: true, balances: [], spentBefore: [] }] }
        : new Promise(() => {}), // on its way when the process crashes
  } as unknown as Ledger;
  const journal = new MemoryJournal();
  const notes = new LeaseJournal(journal);
  notes.open("store");
  const listeners = { told: NOBODY, chargeUnbacked: () => {} };
  const pending = new PendingWrites(NOBODY, notes);
  const exact = new ExactReservations(ledger, link, pending, clock, listeners, notes, () => 0);
  await exact.reserve({ id: "call", accounts: [], amounts: [], expiresInMs: 1, atMs: 0 });
  exact.settle({ id: "call", as: "unknown", amounts: [] });
  const truth = { id: "call", as: "settled", amounts: [7] } as const;
  exact.settle(truth);
  await new Promise((resolve) => setImmediate(resolve));
  const state = new JournalState();
  for (const entry of parseEntries([...journal.parts.values()].join(""))) state.apply(entry);
  expect(state.ends()).toEqual([truth]);
});
