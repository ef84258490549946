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
});
