import { test } from "vitest";
import type { AccountRef, Ledger } from "../../ledger/ledger.ts";
import { brokenStores, type Fault } from "./broken-store.ts";

/** A ledger that names accounts and ids in another way. */
const naming =
  (
    account: (ref: Omit<AccountRef, "slot">) => Partial<AccountRef>,
    id: (given: string) => string = (given) => given,
  ) =>
  (sound: Ledger): Partial<Ledger> => {
    const renamed = ({ slot: _slot, ...ref }: AccountRef): AccountRef => ({
      ...ref,
      ...account(ref),
    });
    return {
      reserve: (batch) =>
        sound.reserve(
          batch.map((request) => ({
            ...request,
            id: id(request.id),
            accounts: request.accounts.map(renamed),
          })),
        ),
      settle: (batch) => sound.settle(batch.map((end) => ({ ...end, id: id(end.id) }))),
      dispatch: (ids) => sound.dispatch(ids.map(id)),
      balances: (accounts, atMs) => sound.balances(accounts.map(renamed), atMs),
    };
  };

/** Each connection has its own. */
let connections = 0;
const time = { lastMs: 0 };

const FAULTS: readonly Fault[] = [
  {
    fault: "cuts long names short",
    noticedBy: "accounts whose names differ in anything are kept apart",
    ledger: naming(({ key }) => ({ key: key.replace(/^(.{300}).*/su, (_, first) => first) })),
  },
  {
    fault: "does not tell capital letters from small ones",
    noticedBy: "accounts whose names differ in anything are kept apart",
    ledger: naming(({ key }) => ({ key: key.toLowerCase() })),
  },
  {
    fault: "takes letters for the same that only look the same",
    noticedBy: "accounts whose names differ in anything are kept apart",
    ledger: naming(({ windowKey }) => ({ windowKey: windowKey.normalize() })),
  },
  {
    fault: "joins names with a colon",
    noticedBy: "names that look alike when they are joined are kept apart",
    ledger: naming(({ key, windowKey }) => ({ key: `${key}:${windowKey}`, windowKey: "" })),
  },
  {
    fault: "cuts names at a NUL",
    noticedBy: "a name with a NUL is kept apart or refused, never cut short",
    ledger: naming(({ key }) => ({ key: key.replace(/\0.*/su, "") })),
  },
  {
    fault: "trims ids",
    noticedBy: "ids of any kind reserve, settle and lease once",
    ledger: naming(
      () => ({}),
      (id) => id.trim(),
    ),
  },
  {
    fault: "keeps the ids of each process for itself",
    noticedBy: "an id reserves and settles once over all processes",
    ledger: (sound) => {
      const connection = ++connections;
      return naming(
        () => ({}),
        (id) => `${connection}-${id}`,
      )(sound);
    },
  },
  {
    fault: "looks at the first eight accounts",
    noticedBy: "a call of sixteen accounts takes from all of them or none",
    ledger: (sound) => ({
      reserve: (batch) =>
        sound.reserve(
          batch.map((request) => ({ ...request, accounts: request.accounts.slice(0, 8) })),
        ),
    }),
  },
  {
    fault: "answers the first hundred of a batch",
    noticedBy: "a batch of 500 is answered item by item",
    ledger: (sound) => ({ reserve: (batch) => sound.reserve(batch.slice(0, 100)) }),
  },
  {
    fault: "tells no time",
    noticedBy: "every reply tells the store's time, which never goes back",
    ledger: (sound) => ({
      returnLeases: async (batch) => {
        const { nowMs: _, ...reply } = await sound.returnLeases(batch);
        return reply;
      },
    }),
  },
  {
    fault: "tells a time that goes back",
    noticedBy: "every reply tells the store's time, which never goes back",
    ledger: (sound) => ({
      correct: async (batch) => ({ ...(await sound.correct(batch)), nowMs: Date.now() - 60_000 }),
    }),
  },
  {
    fault: "tells the time at which it was opened",
    noticedBy: "the store's time passes",
    ledger: (sound) => ({
      balances: async (accounts, atMs) => {
        const reply = await sound.balances(accounts, atMs);
        time.lastMs ||= reply.nowMs ?? 0;
        return { ...reply, nowMs: time.lastMs };
      },
    }),
  },
];

brokenStores(test, FAULTS);
