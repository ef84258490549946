import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Guard, Permit } from "../index.ts";
import { account, codeOf, model, RATES, setUp, spend, used } from "./test-fixture.ts";

async function spentAndHeld(guard: Guard): Promise<number> {
  const { settled, held, leased, unknown } = await account(guard);
  return settled + held + leased + unknown;
}

async function endAs(permit: Permit, end: string, outputTokens: number): Promise<void> {
  if (end !== "release") permit.dispatched();
  if (end === "settle") await permit.settle(used(1, outputTokens));
  if (end === "fail") await permit.fail(new Error("x"));
  if (end === "release") await permit.release();
}

describe("a budget under concurrency", () => {
  it("is never exceeded by 10,000 calls at once, and holds nothing afterwards", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    let admitted = 0;
    const one = async (): Promise<void> => {
      const permit = await guard.begin(model(1_000, 4_875)).catch(() => undefined);
      expect(await spentAndHeld(guard)).toBeLessThanOrEqual(1e9);
      if (permit === undefined) return;
      admitted++;
      permit.dispatched();
      await permit.settle(used(1_000, 3_000));
      expect(await spentAndHeld(guard)).toBeLessThanOrEqual(1e9);
    };
    await Promise.all(Array.from({ length: 10_000 }, one));
    const { settled, held } = await account(guard);
    expect(held).toBe(0);
    expect(settled).toBe(admitted * (1_000 * RATES.input + 3_000 * RATES.output));
    expect(admitted).toBeGreaterThan(90);
  });

  it("admits 20 of 20 small calls that fit, between big ones that are refused", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    for (let index = 0; index < 20; index++) {
      expect(await codeOf(guard.begin(model(0, 1_000_000)))).toBe("BR2001");
      await spend(guard, model(0, 1_000));
    }
    expect((await account(guard)).settled).toBe(20 * 1_000 * RATES.output);
  });

  it("admits 20 of 20 small calls that race 200 big ones", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const big = Array.from({ length: 200 }, () => codeOf(guard.begin(model(0, 1_000_000))));
    const small = Array.from({ length: 20 }, () => codeOf(spend(guard, model(0, 1_000))));
    expect(await Promise.all(small)).toEqual(Array.from({ length: 20 }));
    expect(new Set(await Promise.all(big))).toEqual(new Set(["BR2001"]));
  });

  it("takes all accounts of a call or none", async () => {
    const { guard } = setUp({
      budgets: [
        { id: "wide", limit: { usd: 100 }, window: "total" },
        { id: "narrow", limit: { calls: 1 }, window: "total" },
      ],
    });
    await guard.begin(model(10, 10));
    const held = (await account(guard, "wide")).held;
    expect(await codeOf(guard.begin(model(10, 10)))).toBe("BR2001");
    expect((await account(guard, "wide")).held).toBe(held);
  });

  it("keeps settled + held + unknown within the limit in any order of ends", async () => {
    const step = fc.record({
      output: fc.integer({ min: 0, max: 300 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
      end: fc.constantFrom("settle", "fail", "release", "none"),
      advanceMs: fc.integer({ min: 0, max: 400_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { guard, clock, records } = setUp({ budgets: ["$0.001"] });
        for (const { output, used: part, end, advanceMs } of steps) {
          const permit = await guard.begin(model(1, output)).catch(() => undefined);
          expect(await spentAndHeld(guard)).toBeLessThanOrEqual(1e6);
          if (permit !== undefined) await endAs(permit, end, Math.floor(output * part));
          clock.advance(advanceMs);
          expect(await spentAndHeld(guard)).toBeLessThanOrEqual(1e6);
        }
        clock.advance(2_000_000);
        const { held, settled, unknown } = await account(guard);
        const recorded = records.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0), 0);
        expect(held).toBe(0);
        expect(recorded).toBe(settled + unknown);
      }),
      { numRuns: 100 },
    );
  });
});
