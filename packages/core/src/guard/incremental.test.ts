import { describe, expect, it } from "vitest";
import type { GuardEvents } from "../events/guard-events.ts";
import { account, codeOf, model, settled, setUp, slowStore, spend, used } from "./test-fixture.ts";

/** Of the output of gpt-5-mini. */
const USD_A_TOKEN = 0.000002;
const STREAM = model(0, 10_000, { streams: true });
const world = (usd: number, more: Parameters<typeof setUp>[0] = {}) =>
  setUp({ budgets: [`$${usd}/day`, "100 calls/day"], reservation: "incremental", ...more });

describe("a stream that is reserved in steps", () => {
  it("holds one step, and more as it comes; it ends at what it used", async () => {
    const { guard } = world(1);
    const permit = await guard.begin(STREAM);
    expect(permit.maxOutputTokens).toBe(10_000);
    permit.dispatched();
    const held = async () => Math.round((await account(guard)).held / 2_000);
    expect(await held()).toBe(1_024);
    permit.progress({ outputTokens: 511 });
    expect(await held()).toBe(1_024);
    permit.progress({ outputTokens: 512 });
    expect(await held()).toBe(2_048);
    permit.progress({ outputTokens: 5_000 });
    expect(await held()).toBe(6_144);
    const record = await permit.settle(used(0, 5_100));
    expect(record).toMatchObject({ costNanoUsd: 5_100 * 2_000, reservedNanoUsd: 6_144 * 2_000 });
    expect(await account(guard)).toMatchObject({ held: 0, settled: 5_100 * 2_000 });
    expect((await guard.budgets())[1]).toMatchObject({ held: 0, settled: 1 });
    await guard.close();
  });

  it("is reserved whole where the option says so in a word", async () => {
    const { guard } = world(1, { reservation: "whole" });
    const permit = await guard.begin(STREAM);
    expect((await account(guard)).held).toBe(10_000 * 2_000);
    await permit.release();
    await guard.close();
  });

  it("lets streams run side by side that together could use more than there is", async () => {
    const { guard } = world(10_000 * USD_A_TOKEN);
    const permits = await Promise.all([1, 2, 3, 4, 5].map(() => guard.begin(STREAM)));
    for (const permit of permits) {
      permit.dispatched();
      permit.progress({ outputTokens: 100 });
      await permit.settle(used(0, 100));
    }
    expect(await account(guard)).toMatchObject({ held: 0, settled: 5 * 100 * 2_000 });
    await guard.close();
  });

  it("is not cut by what has left a rolling window since it began", async () => {
    const { guard, clock } = world(1, { budgets: ["4000 tokens/minute"] });
    await spend(guard, model(0, 2_900));
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    clock.advance(120_000);
    permit.progress({ outputTokens: 1_024 });
    expect(permit.signal.aborted).toBe(false);
    expect((await account(guard)).held).toBe(2_048);
    await permit.settle(used(0, 1_024));
    await guard.close();
  });

  it("gets any number of small steps at once", async () => {
    const { guard } = world(1, { reservation: { mode: "incremental", stepTokens: 1 } });
    const permit = await guard.begin(model(0, 50_000, { streams: true }));
    permit.dispatched();
    permit.progress({ outputTokens: 49_999 });
    expect(permit.signal.aborted).toBe(false);
    expect((await account(guard)).held).toBe(50_000 * 2_000);
    await permit.settle(used(0, 49_999));
    expect(await account(guard)).toMatchObject({ held: 0, settled: 49_999 * 2_000 });
    await guard.close();
  });

  it("is cut where its money ends, and no more than a sixteenth of a step before; the record says why", async () => {
    const { guard } = world(1_500 * USD_A_TOKEN);
    const cuts: GuardEvents["call-cut"][] = [];
    guard.on("call-cut", (event) => cuts.push(event));
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    for (const outputTokens of [1_000, 1_024, 1_300, 1_471]) permit.progress({ outputTokens });
    expect(permit.signal.aborted).toBe(false);
    const reserved = 1_024 + 256 + 128 + 64;
    permit.progress({ outputTokens: reserved });
    expect(permit.signal.reason).toMatchObject({ code: "BR2001" });
    expect(cuts).toMatchObject([{ id: permit.id, code: "BR2001", outputTokens: reserved }]);
    const record = await permit.fail(permit.signal.reason);
    expect(record).toMatchObject({
      outcome: "refused",
      refusalCode: "BR2001",
      costNanoUsd: reserved * 2_000,
    });
    expect(await account(guard)).toMatchObject({ held: 0, settled: reserved * 2_000 });
    await guard.close();
  });

  it("goes on when money came back in time", async () => {
    const { guard } = world(2_100 * USD_A_TOKEN);
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    const other = await guard.begin(model(0, 1_000));
    permit.progress({ outputTokens: 1_000 });
    await other.release();
    permit.progress({ outputTokens: 1_020 });
    permit.progress({ outputTokens: 1_100 });
    expect(permit.signal.aborted).toBe(false);
    await permit.settle(used(0, 1_100));
    await guard.close();
  });

  it("charges all of its steps when nobody says what it used, and corrects them once", async () => {
    const { guard, clock } = world(1);
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    permit.progress({ outputTokens: 2_000 });
    clock.advance(1_300_000);
    expect(await account(guard)).toMatchObject({ held: 0, unknown: 3_072 * 2_000 });
    await permit.settle(used(0, 2_200));
    expect(await account(guard)).toMatchObject({ unknown: 0, settled: 2_200 * 2_000 });
    await guard.close();
  });

  it("gives every step back when it was never sent", async () => {
    const { guard } = world(1);
    const permit = await guard.begin(STREAM);
    permit.progress({ outputTokens: 600 });
    await permit.release();
    expect(await account(guard)).toMatchObject({ held: 0, settled: 0 });
    await guard.close();
  });

  it("records the truth when it used more than all of its steps", async () => {
    const { guard } = world(1);
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    permit.progress({ outputTokens: 600 });
    await permit.settle(used(0, 9_000));
    expect(await account(guard)).toMatchObject({ held: 0, settled: 9_000 * 2_000 });
    await guard.close();
  });

  it("asks a store that answers later once at a time, and keeps nothing that came too late", async () => {
    const { store, fail } = slowStore();
    const { guard } = world(1, { store });
    const permit = await guard.begin(STREAM);
    permit.dispatched();
    for (let tokens = 600; tokens < 900; tokens += 10) permit.progress({ outputTokens: tokens });
    await settled();
    expect((await account(guard)).held).toBe(2_048 * 2_000);
    permit.progress({ outputTokens: 2_040 });
    const ending = permit.settle(used(0, 2_040));
    await ending;
    await settled();
    expect(fail.settle).toBe(false);
    expect(await account(guard)).toMatchObject({ held: 0, settled: 2_040 * 2_000 });
    await guard.close();
  });

  it("holds all of it when its hook reports no progress, or another attempt may share it", async () => {
    const { guard } = world(1);
    for (const request of [model(0, 10_000), { ...STREAM, idempotencyKey: "k" }]) {
      const permit = await guard.begin(request);
      expect((await account(guard)).held).toBe(10_000 * 2_000);
      await permit.release();
    }
    await spend(guard);
    await guard.close();
  });

  it("never overshoots while many streams race, as long as each stops when it is cut", async () => {
    const limit = 20_000;
    const { guard } = world(limit * USD_A_TOKEN);
    const permits = await Promise.all(Array.from({ length: 15 }, () => guard.begin(STREAM)));
    for (const permit of permits) permit.dispatched();
    for (let tokens = 1; tokens <= 4_000; tokens++) {
      for (const permit of permits) {
        if (!permit.signal.aborted) permit.progress({ outputTokens: tokens });
      }
      const { settled: spent, held } = await account(guard);
      expect(spent + held).toBeLessThanOrEqual(limit * 2_000);
    }
    for (const permit of permits) await permit.fail(permit.signal.reason);
    const { settled: spent, held } = await account(guard);
    expect(held).toBe(0);
    expect(spent).toBeLessThanOrEqual(limit * 2_000);
    expect(await codeOf(guard.begin(model(0, limit)))).toBe("BR2001");
    await guard.close();
  });
});
