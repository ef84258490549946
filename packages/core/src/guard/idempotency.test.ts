import { describe, expect, it } from "vitest";
import {
  type CallRequest,
  createMemoryStore,
  type Guard,
  type Permit,
  type Store,
} from "../index.ts";
import { turns } from "../lease/test-processes.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { account, codeOf, model, settled, setUp, tool, used, WHY } from "./test-fixture.ts";

const keyed = (idempotencyKey: string, usd = 0.3): CallRequest => ({
  ...tool("pay", usd),
  idempotencyKey,
});

describe.each<[string, () => () => Store]>([
  [
    "in memory",
    () => {
      const store = createMemoryStore();
      return () => store;
    },
  ],
  [
    "on a durable store",
    () => {
      const database = new SlowDatabase();
      return () => database.connect();
    },
  ],
])("attempts of one call, %s,", (_, open) => {
  /** The next attempt pays, the one after it does not. */
  async function expectOneCharge(next: Guard, after: Guard): Promise<void> {
    for (const [guard, nanoUsd] of [
      [next, 300_000_000],
      [after, 0],
    ] as const) {
      const attempt = await guard.begin(keyed("order-7"));
      attempt.dispatched();
      expect((await attempt.settle()).costNanoUsd).toBe(nanoUsd);
    }
    expect(await account(after)).toMatchObject({ settled: 300_000_000, held: 0, unknown: 0 });
  }

  /** Two processes on one store. */
  function two() {
    const connect = open();
    const make = () => setUp({ budgets: ["$1/day"], store: connect() }).guard;
    return [make(), make()] as const;
  }

  it("are held and charged once, whoever makes them and whoever ends first", async () => {
    const [one, other] = two();
    const first = await one.begin(keyed("order-7"));
    const second = await other.begin(keyed("order-7"));
    first.dispatched();
    second.dispatched();
    expect((await second.settle()).costNanoUsd).toBe(300_000_000);
    expect((await first.settle()).costNanoUsd).toBe(0);
    const third = await other.begin(keyed("order-7"));
    third.dispatched();
    expect((await third.settle()).costNanoUsd).toBe(0);
    expect(await account(one)).toMatchObject({ settled: 300_000_000, held: 0, unknown: 0 });
  });

  it("are charged when the first was never sent", async () => {
    const [one, other] = two();
    await (await one.begin(keyed("order-7"))).release();
    await expectOneCharge(other, one);
  });

  it.each<[string, (permit: Permit) => Promise<unknown>]>([
    ["was refused by the provider", (permit) => permit.fail({ status: 500 })],
    ["never reached it", (permit) => permit.fail({ code: "ECONNREFUSED" })],
    ["was answered from a cache", (permit) => permit.settle({ outcome: "cached" })],
  ])("are charged when the first %s", async (_, end) => {
    const [one, other] = two();
    const first = await one.begin(keyed("order-7"));
    first.dispatched();
    await end(first);
    expect(await account(one)).toMatchObject({ settled: 0, held: 0 });
    await expectOneCharge(other, one);
  });

  it("leave another's money alone when they are never sent", async () => {
    const [one, other] = two();
    const first = await one.begin(keyed("order-7"));
    await (await other.begin(keyed("order-7"))).release();
    expect(await account(other)).toMatchObject({ held: 300_000_000 });
    first.dispatched();
    await first.settle();
    expect(await account(other)).toMatchObject({ settled: 300_000_000, held: 0 });
  });

  it("hold the money anew after one that was never sent", async () => {
    const [one, other] = two();
    await (await one.begin(keyed("order-7"))).release();
    const second = await other.begin(keyed("order-7"));
    expect(await account(one)).toMatchObject({ held: 300_000_000 });
    second.dispatched();
    expect(await codeOf(one.begin(keyed("order-8", 0.8)))).toBe("BR2001");
    await second.fail({ status: 500 });
    expect(await account(one)).toMatchObject({ settled: 0, held: 0 });
  });

  it("are covered until the last has ended, also when the first gives up", async () => {
    const [one, other] = two();
    const first = await one.begin(keyed("order-7"));
    const second = await other.begin(keyed("order-7"));
    const third = await one.begin(keyed("order-7"));
    for (const permit of [first, second]) permit.dispatched();
    await first.fail({ status: 500 });
    await third.release();
    expect(await account(one)).toMatchObject({ held: 300_000_000 });
    expect((await second.settle()).costNanoUsd).toBe(300_000_000);
    expect(await account(one)).toMatchObject({ settled: 300_000_000, held: 0, unknown: 0 });
  });

  it("leave nothing held when every one of them fails", async () => {
    const [one, other] = two();
    const permits = [await one.begin(keyed("order-7")), await other.begin(keyed("order-7"))];
    for (const permit of permits) {
      permit.dispatched();
      await permit.fail({ status: 500 });
    }
    expect(await account(one)).toMatchObject({ settled: 0, held: 0, unknown: 0 });
  });

  it("may be sent when another has ended the call meanwhile", async () => {
    const [one] = two();
    const first = await one.begin(keyed("order-7"));
    const second = await one.begin(keyed("order-7"));
    second.dispatched();
    await second.settle();
    first.dispatched();
    expect((await first.settle()).costNanoUsd).toBe(0);
    expect(await account(one)).toMatchObject({ settled: 300_000_000, held: 0 });
  });

  it("with other keys, and of other tools, are calls of their own", async () => {
    const [one] = two();
    for (const request of [keyed("a"), keyed("b"), { ...keyed("a"), name: "refund" }]) {
      const permit = await one.begin(request);
      permit.dispatched();
      await permit.settle();
    }
    expect(await account(one)).toMatchObject({ settled: 900_000_000 });
    expect(await codeOf(one.begin(keyed("c")))).toBe("BR2001");
  });

  it("are bounded alike, so that none may use more than the first has held", async () => {
    const [one, other] = two();
    const ask = model(0, undefined, { idempotencyKey: "order-7" });
    const first = await one.begin(ask);
    const { held } = await account(one);
    const second = await other.begin(ask);
    expect(second.maxOutputTokens).toBe(first.maxOutputTokens);
    await first.release();
    second.dispatched();
    const { costNanoUsd } = await second.settle(used(0, second.maxOutputTokens ?? 0));
    expect(costNanoUsd).toBe(held);
    await other.begin(tool("pay", 0.96));
    const refused = codeOf(one.begin({ ...ask, idempotencyKey: "order-8" }));
    expect(await refused).toBe("BR2001");
  });

  it("with another model in the place of theirs are calls of their own", async () => {
    const [one] = two();
    const models = { nano: { provider: "openai", name: "text-embedding-3-small" } };
    const ask = model(0, 250_000, { models, idempotencyKey: "order-7" }); // $0.50
    const { revoke } = await one.downgrade("everything", { key: "nano", ...WHY });
    const first = await one.begin(ask);
    expect(first.substitute).toBe("nano");
    const { held } = await account(one);
    await revoke(WHY);
    const second = await one.begin(ask);
    expect(await account(one)).toMatchObject({ held: held + 500_000_000 });
    for (const permit of [first, second]) await permit.release();
    expect(await account(one)).toMatchObject({ held: 0 });
  });

  it("of another tenant, or at another provider, are calls of their own", async () => {
    const [one] = two();
    const charge = async (provider: string): Promise<void> => {
      const permit = await one.begin({ ...keyed("order-7", 0.1), provider });
      permit.dispatched();
      await permit.settle();
    };
    for (const org of ["acme", "initech"]) {
      for (const provider of ["files", "archive"]) {
        await one.with({ org }, () => charge(provider));
        await one.with({ org }, () => charge(provider));
      }
    }
    expect(await account(one)).toMatchObject({ settled: 400_000_000, held: 0 });
  });
});

it("attempts that end at once are charged once, whichever of their messages is slow", async () => {
  const database = new SlowDatabase();
  const { promise: slow, resolve: goOn } = Promise.withResolvers<void>();
  const make = (store: Store) => setUp({ budgets: ["$1/day"], store }).guard;
  const [one, store] = [make(database.connect()), database.connect()];
  const charge: Store["ledger"]["charge"] = async (batch) => {
    await slow;
    return store.ledger.charge(batch);
  };
  const other = make({ ...store, ledger: { ...store.ledger, charge } });
  const first = await one.begin(keyed("order-7"));
  const [second, third] = [await other.begin(keyed("order-7")), await one.begin(keyed("order-7"))];
  await first.release();
  for (const permit of [second, third]) permit.dispatched();
  const settling = second.settle();
  await settled();
  expect((await third.settle()).costNanoUsd).toBe(0);
  goOn();
  expect((await settling).costNanoUsd).toBe(300_000_000);
  expect(await account(one)).toMatchObject({ settled: 300_000_000, held: 0 });
});

it("an attempt that a silent store let down gives back its own share once the store answers", async () => {
  const database = new SlowDatabase();
  const { promise: slow, resolve: goOn } = Promise.withResolvers<void>();
  const store = database.connect();
  const reserve: Store["ledger"]["reserve"] = async (batch) => {
    await slow;
    return store.ledger.reserve(batch);
  };
  const budgets = ["$1/day"];
  const { guard: one } = setUp({ budgets, store: database.connect() });
  const { guard: other, clock } = setUp({
    budgets,
    store: { ...store, ledger: { ...store.ledger, reserve } },
  });
  const first = await one.begin(keyed("order-7"));
  await other.budgets();
  const refused = ["order-7", "order-8"].map((key) => codeOf(other.begin(keyed(key))));
  await turns();
  clock.advance(2_000);
  expect(await Promise.all(refused)).toEqual(["BR8001", "BR8001"]);
  goOn();
  await turns();
  expect(await account(one)).toMatchObject({ held: 300_000_000 });
  await first.release();
  expect(await account(one)).toMatchObject({ settled: 0, held: 0, unknown: 0 });
});

it("an attempt that ends when all have given the money back is charged, once", async () => {
  const { guard, clock } = setUp({
    budgets: ["$1/day"],
    reservation: { undispatchedTtlMs: 1_000 },
  });
  const late = [await guard.begin(keyed("order-7")), await guard.begin(keyed("order-7"))];
  clock.advance(5_000);
  await settled();
  expect(await account(guard)).toMatchObject({ held: 0 });
  const costs = [];
  for (const permit of late) costs.push((await permit.settle()).costNanoUsd);
  expect(costs).toEqual([300_000_000, 0]);
  expect(await account(guard)).toMatchObject({ settled: 300_000_000, held: 0 });
});

it.each([[""], [5], ["a\nb"], ["x".repeat(501)]])(
  "a key that is none (%j) is refused",
  async (key) => {
    const { guard } = setUp();
    expect(await codeOf(guard.begin(keyed(key as string)))).toBe("BR9001");
  },
);
