import { test } from "vitest";
import type { KillEntry } from "../../kill/kill-log.ts";
import type { Reservation } from "../../ledger/ledger.ts";
import { brokenStores, change, type Fault, mapResults } from "./broken-store.ts";
import { only } from "./ledger-case.ts";

const NEVER_FULL = { limit: Number.MAX_SAFE_INTEGER, limitVersion: 99 };

const FAULTS: readonly Fault[] = [
  {
    fault: "takes first and gives back when it was too much",
    noticedBy: "small calls that fit are admitted between big ones that race",
    ledger: (sound) => ({
      reserve: async ([request]) => {
        if (request === undefined) return sound.reserve([]);
        const limits = request.accounts.map((account) => account.limit);
        const reply = await sound.reserve([change(request, NEVER_FULL)]);
        const result = only(reply);
        if (result.kind !== "reserved") return reply;
        const over = result.balances.findIndex(
          ({ settled, held, leased, unknown }, index) =>
            settled + held + leased + unknown > (limits[index] ?? 0),
        );
        if (over < 0) return reply;
        await new Promise((resolve) => setImmediate(resolve));
        await sound.settle([{ id: request.id, as: "released", amounts: [] }]);
        return { ...reply, results: [{ ...result, kind: "refused", index: over }] };
      },
    }),
  },
  {
    fault: "looks first and takes later",
    noticedBy: "calls that race never overshoot, at any step",
    ledger: (sound) => ({
      reserve: async (batch) => {
        const [request] = batch;
        if (request === undefined) return sound.reserve(batch);
        const { results } = await sound.balances(request.accounts);
        const fits = request.accounts.every((account, index) => {
          const { settled, held, leased, unknown } = results[index] ?? {};
          const taken = [settled, held, leased, unknown, request.amounts[index]];
          return taken.reduce((sum: number, part) => sum + (part ?? 0), 0) <= account.limit;
        });
        if (!fits) return sound.reserve(batch);
        await new Promise((resolve) => setImmediate(resolve));
        return sound.reserve([change(request, NEVER_FULL)]);
      },
    }),
  },
  {
    fault: "takes from one account after the other",
    noticedBy: "a reservation takes from every account, or from none",
    ledger: (sound) => ({
      reserve: async (batch) => {
        for (const { accounts, amounts, ...rest } of batch) {
          for (const [index, account] of accounts.entries()) {
            const part = { accounts: [account], amounts: [amounts[index] ?? 0] };
            await sound.reserve([{ ...rest, ...part, id: `${rest.id}-${index}` }]);
          }
        }
        return sound.reserve(batch.map((request) => ({ ...request, accounts: [], amounts: [] })));
      },
    }),
  },
  {
    fault: "says that every settlement was applied",
    noticedBy: "a settlement of an id never seen changes nothing",
    ledger: (sound) => ({
      settle: (batch) =>
        mapResults(sound.settle(batch), (result) => ({ ...result, applied: true })),
    }),
  },
  {
    fault: "counts on where its numbers are not exact",
    noticedBy: "spending beyond 2^53 - 1 stays at that, whoever tells it",
    ledger: (sound) => ({
      balances: (accounts, atMs) =>
        mapResults(sound.balances(accounts, atMs), (balance) => {
          const isFull = balance.settled === Number.MAX_SAFE_INTEGER;
          return { ...balance, settled: isFull ? 2 ** 53 : balance.settled };
        }),
    }),
  },
  {
    fault: "gives back what other attempts share",
    noticedBy: "money stays held until the last attempt has given it back",
    ledger: (sound) => ({
      settle: (batch) => sound.settle(batch.map(({ once: _, ...end }) => end)),
    }),
  },
  {
    fault: "remembers an attempt that was released",
    noticedBy: "an attempt after a released one holds the money anew",
    ledger: (sound) => ({
      settle: (batch) => sound.settle(batch.map(({ once: _, ...end }) => end)),
    }),
  },
  {
    fault: "gives back what is of unknown end",
    noticedBy: "a call of unknown end is charged; its settlement corrects it once",
    ledger: (sound) => ({
      settle: (batch) =>
        sound.settle(batch.map((end) => (end.as === "unknown" ? { ...end, as: "released" } : end))),
    }),
  },
  {
    fault: "never charges more than was reserved",
    noticedBy: "usage above the reservation is charged; no new work then",
    ledger: (sound) => ({
      settle: (batch) =>
        sound.settle(
          batch.map((end) => ({ ...end, amounts: end.amounts.map((n) => Math.min(n, 100)) })),
        ),
    }),
  },
  {
    fault: "keeps one balance for all windows",
    noticedBy: "each window has a balance of its own",
    ledger: (sound) => ({
      reserve: (batch) =>
        sound.reserve(batch.map((request) => change(request, { windowKey: "one" }))),
    }),
  },
  {
    fault: "takes whatever limit came last",
    noticedBy: "an older version of a limit never overrides a newer one",
    ledger: (sound) => ({
      reserve: (batch) =>
        sound.reserve(batch.map((request) => change(request, { limitVersion: 1 }))),
    }),
  },
  {
    fault: "keeps the limit of the first call",
    noticedBy: "a newer limit applies at once, upwards and downwards",
    ledger: (sound) => {
      let version = 1_000;
      const older = (request: Reservation) => change(request, { limitVersion: --version });
      return { reserve: (batch) => sound.reserve(batch.map(older)) };
    },
  },
  {
    fault: "answers out of order",
    noticedBy: "a batch is answered in its order, each item by itself",
    ledger: (sound) => ({
      reserve: async (batch) => {
        const reply = await sound.reserve(batch);
        return { ...reply, results: reply.results.toReversed() };
      },
    }),
  },
  {
    fault: "forgets a rolling window too early",
    noticedBy: "a rolling window forgets slice by slice",
    ledger: (sound) => ({
      balances: (accounts, atMs) => sound.balances(accounts, (atMs ?? 0) + 1_000),
    }),
  },
  {
    fault: "believes a clock that stepped back",
    noticedBy: "a clock that steps back frees nothing in a rolling window",
    ledger: (sound) => ({
      reserve: (batch) => {
        const old = (request: Reservation) =>
          request.atMs % 60_000 > 0 ? change(request, { windowKey: "old" }) : request;
        return sound.reserve(batch.map(old));
      },
    }),
  },
  {
    fault: "hands out leases without counting them",
    noticedBy: "what is leased counts against the limit, like what is held",
    ledger: (sound) => ({
      lease: async (batch) => {
        const reply = await sound.lease(batch);
        const nothing = { revision: 1, settled: 0, unknown: 0, kept: 0, atMs: 0 };
        await sound.returnLeases(batch.map(({ id }) => ({ id, ...nothing })));
        return reply;
      },
    }),
  },
  {
    fault: "adds up lease returns that are repeated",
    noticedBy: "what calls in flight hold stays leased until a later return",
    ledger: (sound) => {
      let revision = 0;
      const newer = <T>(given: T) => ({ ...given, revision: ++revision });
      return { returnLeases: (batch) => sound.returnLeases(batch.map(newer)) };
    },
  },
  {
    fault: "loses the rest of a lease",
    noticedBy: "a lease comes back as spent, unknown and the rest",
    ledger: (sound) => ({
      returnLeases: (batch) =>
        sound.returnLeases(batch.map((given) => ({ ...given, unknown: given.unknown + 1 }))),
    }),
  },
  {
    fault: "replies with an old kill epoch",
    noticedBy: "a kill shows in the next reply of the ledger",
    ledger: (sound) => ({
      settle: async (batch) => ({ ...(await sound.settle(batch)), killEpoch: 0 }),
    }),
  },
  {
    fault: "skips a number",
    noticedBy: "lines are numbered one after the other, without gaps",
    killLog: (sound) => ({
      append: async (entry) => {
        await sound.append(entry);
        return sound.append(entry);
      },
    }),
  },
  {
    fault: "loses which account was killed",
    noticedBy: "a line comes back as it was given, in every field",
    killLog: (sound) => ({
      read: async (epoch) =>
        (await sound.read(epoch)).map((entry) => {
          const { account: _account, ...rest } = entry as KillEntry & { account?: string };
          return rest as KillEntry;
        }),
    }),
  },
  {
    fault: "goes on telling those who left",
    noticedBy: "everyone who listens is told, in order, until they leave",
    killLog: (sound) => ({
      subscribe: (listener) => {
        sound.subscribe(listener);
        return () => {};
      },
    }),
  },
];

brokenStores(test, FAULTS);
