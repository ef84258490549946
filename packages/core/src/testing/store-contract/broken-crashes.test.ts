import { test } from "vitest";
import type { LastDeeds } from "./breaking-slowly.ts";
import { brokenStores, type Fault } from "./broken-store.ts";

const WHOLLY =
  "a store that breaks before it answers has done each item wholly or not at all, and makes up for it once";
const ON_ALL =
  "what was under way when a store broke before it answers is ended on all of its accounts, or on none";

const holdOnOne: LastDeeds = (sound) => ({
  reserve: (batch) =>
    sound.reserve(
      batch.map((one) => ({
        ...one,
        accounts: one.accounts.slice(0, 1),
        amounts: one.amounts.slice(0, 1),
      })),
    ),
});

const FAULTS: readonly Fault[] = [
  {
    fault: "holds on one account alone when it crashes",
    noticedBy: WHOLLY,
    lastDeeds: holdOnOne,
  },
  {
    fault: "charges one account alone after a crash",
    noticedBy: ON_ALL,
    lastDeeds: holdOnOne,
  },
  {
    fault: "forgets on a crash what it has charged, and charges it again",
    noticedBy: WHOLLY,
    lastDeeds: (sound) => ({
      charge: (batch) => sound.charge(batch.map((one) => ({ ...one, id: `${one.id} lost` }))),
    }),
  },
  {
    fault: "forgets on a crash which lease it has granted, and grants another",
    noticedBy: WHOLLY,
    lastDeeds: (sound) => ({
      lease: (batch) => sound.lease(batch.map((one) => ({ ...one, id: `${one.id} lost` }))),
    }),
  },
  {
    fault: "gives money back in a crash that was settled",
    noticedBy: WHOLLY,
    lastDeeds: (sound) => ({
      settle: (batch) => sound.settle(batch.map((one) => ({ ...one, as: "released" }))),
    }),
  },
];

brokenStores(test, FAULTS);
