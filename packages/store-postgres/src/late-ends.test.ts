import { afterAll, describe, expect, it, vi } from "vitest";
import { accountOf, type OpenStore, openStore, reservationOf } from "./testing/spending.ts";
import { startPostgres } from "./testing/start-postgres.ts";

const server = await startPostgres();
const nothing = { settled: 0, held: 0, leased: 0, unknown: 0 };

afterAll(() => server?.stop());

async function withStore(name: string, run: (ledger: OpenStore["ledger"]) => Promise<void>) {
  const store = openStore(server?.url ?? "", server?.schema(name) ?? "");
  try {
    await run(store.ledger);
  } finally {
    await store.end();
  }
}

describe.skipIf(server === undefined)("what has expired", () => {
  it("before its call was sent is charged when its end turns out unknown, and corrected once", async () => {
    await withStore("unknown_late", async (ledger) => {
      const account = accountOf("a", 100);
      const balance = async () => (await ledger.balances([account])).results[0];
      const request = reservationOf([account], 80, { dispatched: false, expiresInMs: 50 });
      const { id } = request;
      const settle = async (as: "released" | "unknown" | "settled") =>
        (await ledger.settle([{ id, as, amounts: [30] }])).results[0]?.applied;
      await ledger.reserve([request]);
      await vi.waitUntil(async () => (await balance())?.held === 0, 10_000);
      expect(await settle("released")).toBe(false);
      expect(await settle("unknown")).toBe(true);
      expect(await settle("unknown")).toBe(false);
      expect(await balance()).toEqual({ ...nothing, unknown: 80 });
      expect(await settle("settled")).toBe(true);
      expect(await settle("settled")).toBe(false);
      expect(await balance()).toEqual({ ...nothing, settled: 30 });
    });
  });

  it("of a lease, or was given back, is not given out again under its id", async () => {
    await withStore("lease_again", async (ledger) => {
      const account = accountOf("a", 200);
      const balance = async () => (await ledger.balances([account])).results[0];
      const lease = async (id: string, ttlMs: number) => {
        const given = { amount: 60, minimum: 1, maxShare: 1, ttlMs, atMs: Date.now() };
        return (await ledger.lease([{ id, account, ...given }])).results[0];
      };
      await lease("expired", 50);
      await vi.waitUntil(async () => (await balance())?.leased === 0, 10_000);
      await lease("given back", 60_000);
      const figures = { revision: 1, settled: 10, unknown: 5, kept: 0, atMs: Date.now() };
      await ledger.returnLeases([{ id: "given back", ...figures }]);
      for (const id of ["expired", "given back"]) {
        expect(await lease(id, 60_000)).toEqual({ kind: "refused", remaining: 125 });
      }
      expect(await balance()).toEqual({ ...nothing, settled: 10, unknown: 65 });
    });
  });
});
