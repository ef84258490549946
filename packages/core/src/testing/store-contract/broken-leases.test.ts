import { test } from "vitest";
import type { LeaseReturn, Ledger, Settlement } from "../../ledger/ledger.ts";
import { brokenStores, change, type Fault, mapResults } from "./broken-store.ts";
import { LONG_MS } from "./ledger-case.ts";

let connections = 0;

const spentOf = ({ settled, unknown }: { readonly settled: number; readonly unknown: number }) =>
  settled + unknown;

/** Returns leases with other figures. */
const returning =
  (map: (given: LeaseReturn) => LeaseReturn) =>
  (sound: Ledger): Partial<Ledger> => ({
    returnLeases: (batch) => sound.returnLeases(batch.map(map)),
  });

const NOT_APPLIED = {
  applied: false,
  balance: undefined,
  spentBefore: undefined,
  expiresAtMs: undefined,
};

const ENDS: readonly Fault[] = [
  {
    fault: "charges what was reserved as dispatched and never sent",
    noticedBy: "a call reserved as dispatched can still be released",
    ledger: (sound) => {
      const sent = new Set<string>();
      const asUnknown = (end: Settlement): Settlement =>
        sent.has(end.id) && end.as === "released" ? { ...end, as: "unknown" } : end;
      return {
        reserve: (batch) => {
          for (const { id, dispatched } of batch) if (dispatched === true) sent.add(id);
          return sound.reserve(batch);
        },
        settle: (batch) => sound.settle(batch.map(asUnknown)),
      };
    },
  },
  {
    fault: "forgets that a reservation was dispatched at once",
    noticedBy: "a call reserved as dispatched is charged when it expires, and corrected once",
    ledger: (sound) => ({
      reserve: (batch) => sound.reserve(batch.map(({ dispatched: _, ...rest }) => rest)),
    }),
  },
  {
    fault: "prolongs nothing when dispatch is asked again",
    noticedBy: "dispatch, asked again, prolongs a reservation",
    ledger: (sound) => ({
      dispatch: async (ids) => {
        const { results, ...rest } = await sound.dispatch([]);
        return { ...rest, results: ids.map(() => results.length === 0) };
      },
    }),
  },
  {
    fault: "tells what was spent after an end for what was spent before",
    noticedBy: "an end says what was spent of each account before it",
    ledger: (sound) => ({
      settle: (batch) =>
        mapResults(sound.settle(batch), (result) => ({
          ...result,
          spentBefore: result.balances.map(spentOf),
        })),
    }),
  },
  {
    fault: "tells all ends of a batch what was spent before the first",
    noticedBy: "ends in one batch each count those before them",
    ledger: (sound) => ({
      settle: async (batch) => {
        const reply = await sound.settle(batch);
        const first = reply.results[0]?.spentBefore ?? [];
        return mapResults(reply, (result) => ({ ...result, spentBefore: first }));
      },
    }),
  },
  {
    fault: "charges no call whose reservation had expired",
    noticedBy: "a late settlement is charged though others have taken the room",
    ledger: (sound) => ({
      settle: async (batch) => {
        const open = await sound.dispatch(batch.map(({ id }) => id));
        return sound.settle(batch.filter((_, index) => open.results[index]));
      },
    }),
  },
  {
    fault: "ends at its expiry what ended in time",
    noticedBy: "what ended in time is not ended again by its expiry",
    ledger: (sound) => ({
      settle: (batch) => sound.settle(batch.filter(({ as }) => as !== "released")),
    }),
  },
  {
    fault: "loses a settlement now and then",
    noticedBy: "it counts as a sequential model does, whatever comes in whatever order (1)",
    ledger: (sound) => {
      let count = 0;
      const lose = (end: Settlement): Settlement =>
        ++count % 3 === 0 ? { ...end, amounts: end.amounts.map(() => 0) } : end;
      return { settle: (batch) => sound.settle(batch.map(lose)) };
    },
  },
];

const LEASES: readonly Fault[] = [
  {
    fault: "prolongs a lease that did not ask",
    noticedBy: "a return without a time leaves the expiry of its lease",
    ledger: returning((given) => ({ ...given, ttlMs: given.ttlMs ?? 2 * LONG_MS })),
  },
  {
    fault: "shortens a lease",
    noticedBy: "a return prolongs its lease, and never shortens it",
    ledger: (sound) => ({
      returnLeases: async (batch) => {
        const reply = await sound.returnLeases(batch);
        return mapResults(reply, (result, index) => {
          const { ttlMs } = batch[index] ?? {};
          if (ttlMs === undefined) return result;
          return { ...result, expiresAtMs: (reply.nowMs ?? 0) + ttlMs };
        });
      },
    }),
  },
  {
    fault: "never prolongs a lease",
    noticedBy: "a lease that was prolonged outlives its first expiry",
    ledger: returning(({ ttlMs: _, ...rest }) => rest),
  },
  {
    fault: "prolongs a lease beyond its window",
    noticedBy: "no return prolongs a lease beyond its window's end",
    ledger: (sound) => ({
      lease: (batch) =>
        sound.lease(
          batch.map(({ account, ...rest }) => {
            const { slot: _, ...ref } = account;
            const window = { kind: "fixed", startsAtMs: 0, endsAtMs: Infinity } as const;
            return { ...rest, account: { ...ref, window } };
          }),
        ),
    }),
  },
  {
    fault: "prolongs a lease that has expired",
    noticedBy: "a lease that has expired is not prolonged any more",
    ledger: (sound) => ({
      returnLeases: async (batch) => {
        const reply = await sound.returnLeases(batch);
        const expiresAtMs = (reply.nowMs ?? 0) + LONG_MS;
        return mapResults(reply, (result, index) =>
          batch[index]?.ttlMs === undefined ? result : { ...result, expiresAtMs },
        );
      },
    }),
  },
  {
    fault: "forgets a lease that keeps nothing, but left something unknown",
    noticedBy: "what a lease left unknown is corrected by a later return",
    ledger: (sound) => {
      const over = new Set<string>();
      return {
        returnLeases: async (batch) => {
          const gone = batch.map(({ id }) => over.has(id));
          for (const { id, kept } of batch) if (kept === 0) over.add(id);
          const { results, ...rest } = await sound.returnLeases(
            batch.filter((_, index) => gone[index] !== true),
          );
          let next = 0;
          const answers = gone.map((isGone) => (isGone ? undefined : results[next++]));
          return { ...rest, results: answers.map((answer) => answer ?? NOT_APPLIED) };
        },
      };
    },
  },
  {
    fault: "gives back what an expired lease keeps",
    noticedBy: "a lease that expired stays charged for what a late return still keeps",
    ledger: returning((given) => ({ ...given, kept: 0 })),
  },
  {
    fault: "believes its callers' clocks about expiry",
    noticedBy: "a lease expires as long from now as it was asked for",
    ledger: (sound) => ({
      lease: (batch) =>
        mapResults(sound.lease(batch), (result, index) => {
          const { atMs = 0, ttlMs = 0 } = batch[index] ?? {};
          return result.kind === "granted" ? { ...result, expiresAtMs: atMs + ttlMs } : result;
        }),
    }),
  },
];

const CORRECTIONS: readonly Fault[] = [
  {
    fault: "corrects what is held too",
    noticedBy: "a correction replaces what is settled and unknown, and nothing else",
    ledger: (sound) => {
      const held: string[] = [];
      return {
        reserve: (batch) => {
          held.push(...batch.map(({ id }) => id));
          return sound.reserve(batch);
        },
        correct: async (batch) => {
          await sound.settle(held.map((id) => ({ id, as: "released", amounts: [] })));
          return sound.correct(batch);
        },
      };
    },
  },
  {
    fault: "counts late truths on top of the provider's figures",
    noticedBy:
      "a call that was unknown when its account was corrected changes nothing there, but on its others",
    ledger: (sound) => ({
      settle: async (batch) => {
        const reply = await sound.settle(batch);
        for (const [index, { amounts, as }] of batch.entries()) {
          const account = corrected.at(-1);
          if (account === undefined || as !== "settled" || !reply.results[index]?.applied) continue;
          const charge = { id: `${index}`, amount: amounts[0] ?? 0, atMs: 0, rememberMs: 1 };
          await sound.charge([{ ...charge, account }]);
        }
        return reply;
      },
      correct: (batch) => {
        corrected.push(...batch.map(({ account }) => account));
        return sound.correct(batch);
      },
    }),
  },
  {
    fault: "corrects rolling windows",
    noticedBy: "a rolling window is not corrected",
    ledger: (sound) => ({
      correct: async (batch) => {
        const charge = { id: "correction", amount: 1, atMs: 0, rememberMs: 1 };
        await sound.charge(batch.map(({ account }) => ({ ...charge, account })));
        return sound.correct(batch);
      },
    }),
  },
  {
    fault: "charges again what leases repeat as unknown after a correction",
    noticedBy: "what a lease had told of as unknown before a correction is known since",
    ledger: (sound) => {
      let wasCorrected = false;
      return {
        correct: (batch) => {
          wasCorrected = true;
          return sound.correct(batch);
        },
        returnLeases: (batch) =>
          sound.returnLeases(
            batch.map((given) =>
              wasCorrected ? { ...given, settled: given.settled + given.unknown } : given,
            ),
          ),
      };
    },
  },
  {
    fault: "takes the truth of a lease for what a correction counted, whatever else was spent",
    noticedBy: "what a lease spent after a correction is charged, also beside late truths",
    ledger: (sound) => {
      let wasCorrected = false;
      return {
        correct: (batch) => {
          wasCorrected = true;
          return sound.correct(batch);
        },
        returnLeases: (batch) =>
          sound.returnLeases(
            batch.map((given) => (wasCorrected ? { ...given, settled: 0 } : given)),
          ),
      };
    },
  },
  {
    fault: "knows nothing of an expired lease that a correction closed",
    noticedBy: "a lease that expired before a correction is closed by it",
    ledger: (sound) => {
      let wasCorrected = false;
      return {
        correct: (batch) => {
          wasCorrected = true;
          return sound.correct(batch);
        },
        returnLeases: (batch) =>
          mapResults(sound.returnLeases(batch), (result) => (wasCorrected ? NOT_APPLIED : result)),
      };
    },
  },
];

const corrected: Parameters<Ledger["balances"]>[0][number][] = [];

const CHARGES: readonly Fault[] = [
  {
    fault: "charges an id as often as it is asked",
    noticedBy: "a charge counts once, however often it is asked",
    ledger: (sound) => {
      let count = 0;
      const fresh = <T>(given: T): T => ({ ...given, id: `charge-${++count}` });
      return { charge: (batch) => sound.charge(batch.map(fresh)) };
    },
  },
  {
    fault: "knows the charges of one connection only",
    noticedBy: "a charge counts once over all processes",
    ledger: (sound) => {
      const connection = ++connections;
      return {
        charge: (batch) =>
          sound.charge(batch.map((given) => ({ ...given, id: `${connection}-${given.id}` }))),
      };
    },
  },
  {
    fault: "tells each process what that process has spent",
    noticedBy: "one process crosses a threshold, whichever it is",
    ledger: (sound) => {
      let spent = 0;
      return {
        settle: (batch) =>
          mapResults(sound.settle(batch), (result, index) => {
            const spentBefore = [spent];
            spent += batch[index]?.amounts[0] ?? 0;
            return { ...result, spentBefore };
          }),
      };
    },
  },
  {
    fault: "forgets with its connection what was charged",
    noticedBy: "a charge and a correction survive a restart",
    ledger: (sound) => {
      const connection = ++connections;
      return {
        charge: (batch) =>
          sound.charge(batch.map((given) => ({ ...given, id: `${connection}-${given.id}` }))),
      };
    },
  },
  {
    fault: "asks whether a charge fits",
    noticedBy: "a charge is not asked whether it fits; no new work then",
    ledger: (sound) => ({
      charge: async (batch) => {
        const request = { accounts: batch.map(({ account }) => account), expiresInMs: 1_000 };
        const amounts = batch.map(({ amount }) => amount);
        const { results } = await sound.reserve([
          change({ ...request, id: "try", amounts, atMs: 0 }, {}),
        ]);
        return sound.charge(results[0]?.kind === "reserved" ? batch : []);
      },
    }),
  },
];

brokenStores(test, [...ENDS, ...LEASES, ...CORRECTIONS, ...CHARGES]);
