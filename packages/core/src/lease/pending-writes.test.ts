import { expect, it } from "vitest";
import type { Ledger, Settlement } from "../index.ts";
import { LeaseJournal } from "../journal/lease-journal.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
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

it("sends the truth about a call that arrives while its unknown end is on its way", async () => {
  const clock = createFakeClock();
  const link = new StoreLink(clock, new StoreTime(clock, "guard"), () => {});
  const pending = new PendingWrites(NOBODY, new LeaseJournal());
  const told: string[] = [];
  const ledger = {
    settle: async (ends: readonly Settlement[]) => {
      told.push(...ends.map(({ as }) => as));
      if (told.length === 1) pending.addEnd({ id: "call", as: "settled", amounts: [3] });
      return { killEpoch: 0, results: [] };
    },
  } as Partial<Ledger> as Ledger;
  pending.addEnd({ id: "call", as: "unknown", amounts: [] });
  await pending.flush(ledger, link);
  expect(told).toEqual(["unknown", "settled"]);
  expect(pending.isEmpty).toBe(true);
});
