import { describe, expect, it } from "vitest";
import { account, codeOf, model, setUp, spend, tool, used, WHY } from "../guard/test-fixture.ts";
import type { Guard, GuardOptions, Ledger } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { join, pass, passingTime, spendAll, turns } from "./test-processes.ts";

describe("a guard on a durable store", () => {
  it("spends a budget to the last cent, and not one more", async () => {
    const process = join(new SlowDatabase(), { budgets: ["$1/day"] });
    expect(await spendAll(process.guard, 130)).toBe(100);
    expect(await account(process.guard)).toMatchObject({
      settled: 1e9,
      held: 0,
      leased: 0,
      unknown: 0,
      state: "exhausted",
    });
  });

  it("asks the store about once in thousands of calls when there is plenty", async () => {
    const { guard, line, clock } = join(new SlowDatabase(), {
      budgets: ["$100000/day", "$100000/month", "1000000000 calls/hour"],
    });
    await spend(guard);
    for (let call = 0; call < 100; call++) {
      clock.advance(0.1);
      await spend(guard);
    }
    line.questions = 0;
    for (let call = 0; call < 5_000; call++) await spend(guard);
    expect(line.questions).toBeLessThanOrEqual(3 * 2); // three budgets, two leases each
    await guard.close();
  });

  it("asks no more often when a lease is used up just as the next one arrived", async () => {
    const { guard, line, clock } = join(new SlowDatabase(), { budgets: ["$100000/day"] });
    for (let call = 0; call < 60_000; call++) {
      clock.advance(0.1);
      await spend(guard);
      if (call % 50 === 0) await turns(2);
    }
    expect(line.questions).toBeLessThanOrEqual(60);
    await guard.close();
  });

  it("answers from a lease without a turn of the event loop", async () => {
    const { guard } = join(new SlowDatabase(), { budgets: ["$100/day"] });
    await spend(guard);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await spend(guard);
    expect(turned).toBe(false);
  });

  it("shows what is spent and held, though it is spent from a lease", async () => {
    const { guard } = join(new SlowDatabase(), { budgets: ["$100/day"] });
    await spend(guard, tool("t", 0.25));
    const permit = await guard.begin(tool("t", 0.5));
    expect(await account(guard)).toMatchObject({
      settled: 0.25e9,
      held: 0.5e9,
      leased: 0,
      remaining: 99.25e9,
    });
    permit.dispatched();
    await permit.settle();
    expect(await account(guard)).toMatchObject({ settled: 0.75e9, held: 0 });
  });

  it("gives back what it has leased when it is closed", async () => {
    const database = new SlowDatabase();
    const { guard } = join(database, { budgets: ["$100/day"] });
    await spend(guard, tool("t", 0.25));
    await guard.close();
    const other = join(database, { budgets: ["$100/day"] });
    expect(await account(other.guard)).toMatchObject({ settled: 0.25e9, leased: 0, unknown: 0 });
  });

  it("gives back what it does not use for a while", async () => {
    const database = new SlowDatabase();
    const one = join(database, { budgets: ["$100/day"] });
    await spend(one.guard, tool("t", 0.25));
    await pass(database, [one], 3_000);
    const other = join(database, { budgets: ["$100/day"] });
    expect(await account(other.guard)).toMatchObject({ settled: 0.25e9, leased: 0 });
  });
});

describe("several processes on one budget", () => {
  it("never spend more than it together, and leave little of it", async () => {
    const database = new SlowDatabase();
    const processes = [1, 2, 3, 4].map(() =>
      join(database, { budgets: ["$1/day"], onHeld: "wait" }),
    );
    const runs = processes.flatMap(({ guard }) =>
      Array.from({ length: 8 }, () => spendAll(guard, 12, 0.007)),
    );
    const sum = await passingTime(database, processes, runs);
    expect(sum).toBeLessThanOrEqual(142);
    expect(sum).toBeGreaterThanOrEqual(138);
    await Promise.all(processes.map(({ guard }) => guard.close()));
    const { guard } = join(database, { budgets: ["$1/day"] });
    expect(await account(guard)).toMatchObject({ settled: sum * 7_000_000, held: 0, leased: 0 });
  });

  it("admit all of the small calls that fit, between big ones that do not", async () => {
    const database = new SlowDatabase();
    const processes = [1, 2].map(() => join(database, { budgets: ["$1/day"] }));
    const big = processes.map(({ guard }) =>
      Promise.all(Array.from({ length: 50 }, () => codeOf(spend(guard, tool("t", 1.5))))),
    );
    const small = processes.map(({ guard }) => spendAll(guard, 20));
    expect((await Promise.all(big)).flat().every((code) => code === "BR2001")).toBe(true);
    expect(await Promise.all(small)).toEqual([20, 20]);
  });

  it("wait for money that another one holds, though they have nothing themselves", async () => {
    const database = new SlowDatabase();
    const options: GuardOptions = { budgets: ["$1/day"], onHeld: "wait" };
    const [one, other] = [join(database, options), join(database, options)];
    const permit = await one.guard.begin(tool("t", 0.9));
    const waiting = codeOf(spend(other.guard, tool("t", 0.5)));
    await pass(database, [one, other], 5_000);
    await permit.release();
    await pass(database, [one, other], 3_000);
    expect(await waiting).toBeUndefined();
    expect(await account(one.guard)).toMatchObject({ settled: 0.5e9, held: 0 });
  });

  it("say once which threshold was crossed", async () => {
    const database = new SlowDatabase();
    const budget = {
      id: "b",
      limit: { usd: 1 },
      window: "day" as const,
      at: [{ fraction: 0.5, do: "alert" as const }],
    };
    const processes = [1, 2].map(() => join(database, { budgets: [budget] }));
    const told: number[] = [];
    for (const { guard } of processes) {
      guard.on("budget-threshold-crossed", ({ fraction }) => told.push(fraction));
    }
    for (let round = 0; round < 40; round++) {
      for (const { guard } of processes) await spend(guard, tool("t", 0.01));
      await pass(database, processes, 500);
    }
    expect(told).toEqual([0.5]);
  });

  it("act on a threshold of a budget whose id begins like that of another", async () => {
    const database = new SlowDatabase();
    const at = [{ fraction: 0.5, do: "kill" as const }];
    const budgets = ["support", "support|night"].map((id, index) => {
      return { id, limit: { usd: 100 - 99 * index }, window: "day" as const, at };
    });
    const process = join(database, { budgets });
    const told: string[] = [];
    process.guard.on("budget-threshold-crossed", ({ budget, key }) => told.push(budget + key));
    for (let round = 0; round < 8; round++) {
      await codeOf(spend(process.guard, tool("t", 0.1)));
      await pass(database, [process], 500);
    }
    expect(told).toEqual(["support|night*"]);
    expect(await codeOf(process.guard.begin(tool("t", 0.1)))).toBe("BR1001");
  });

  it("share a task's budget when one joins the task of the other", async () => {
    const database = new SlowDatabase();
    const parent = join(database, { budgets: ["$0.50/task"] });
    const children = [1, 2, 3, 4].map(() => join(database, { budgets: ["$0.50/task"] }));
    const admitted = await parent.guard.task({}, async ({ id }) => {
      const counts = children.map(({ guard }) =>
        guard.with({ task: id }, () => spendAll(guard, 30)),
      );
      return (await Promise.all(counts)).reduce((a, b) => a + b, 0);
    });
    expect(admitted).toBeLessThanOrEqual(50);
    expect(admitted).toBeGreaterThanOrEqual(45);
  });
});

describe("two guards of a process on one store", () => {
  it("share the budget, and the one that is closed first takes the store from no other", async () => {
    const database = new SlowDatabase();
    const store = database.connect();
    const [one, other] = [0, 1].map(() => setUp({ budgets: ["$1/day"], store }).guard) as [
      Guard,
      Guard,
    ];
    expect((await spendAll(one, 30)) + (await spendAll(other, 30))).toBe(60);
    await one.close();
    await one.close();
    expect(await spendAll(other, 60)).toBe(40);
    expect(await account(other)).toMatchObject({ settled: 1e9, leased: 0 });
    await other.close();
    await expect(store.ledger.balances([])).rejects.toThrow("closed");
  });
});

describe("a process that dies", () => {
  it("leaves what it had leased as unknown, which covers what was billed", async () => {
    const database = new SlowDatabase();
    const dead = join(database, { budgets: ["$1/day"] });
    for (let call = 0; call < 10; call++) await spend(dead.guard, tool("t", 0.01));
    const sent = await dead.guard.begin(tool("t", 0.01));
    sent.dispatched();
    await turns();
    dead.line.cut = true; // nothing of it reaches the store any more
    database.passTime(11_000);
    const { guard } = join(database, { budgets: ["$1/day"] });
    const { settled, unknown, held, leased } = await account(guard);
    expect({ held, leased }).toEqual({ held: 0, leased: 0 });
    expect(settled + unknown).toBeGreaterThanOrEqual(11 * 10_000_000);
    expect(settled + unknown).toBeLessThan(0.3e9);
  });
});

describe("a process that was suspended for longer than its lease", () => {
  it.each(["monotonic", "wall"] as const)(
    "spends nothing from it afterwards (%s clock went on)",
    async (which) => {
      const database = new SlowDatabase();
      const sleeper = join(database, { budgets: ["$1/day"] });
      await spend(sleeper.guard, tool("t", 0.01));
      database.passTime(60_000);
      if (which === "wall") sleeper.clock.setWall(sleeper.clock.wallMs() + 60_000);
      else sleeper.clock.advance(60_000);
      await spend(sleeper.guard, tool("t", 0.01));
      await sleeper.guard.close();
      const { guard } = join(database, { budgets: ["$1/day"] });
      expect(await account(guard)).toMatchObject({ settled: 20_000_000, leased: 0 });
    },
  );

  it("shows what a call still holds of it once: as unknown", async () => {
    const database = new SlowDatabase();
    const sleeper = join(database, { budgets: ["$1/day"] });
    const permit = await sleeper.guard.begin(tool("t", 0.01));
    permit.dispatched();
    database.passTime(60_000);
    const { held, leased, unknown } = await account(sleeper.guard);
    expect({ held, leased }).toEqual({ held: 0, leased: 0 });
    expect(unknown).toBeGreaterThanOrEqual(10_000_000);
    await permit.settle();
    await sleeper.guard.close();
  });

  it("sends nothing that was admitted before", async () => {
    const database = new SlowDatabase();
    const sleeper = join(database, { budgets: ["$1/day"] });
    await spend(sleeper.guard, tool("t", 0.01));
    const permit = await sleeper.guard.begin(tool("t", 0.01));
    database.passTime(60_000);
    sleeper.clock.setWall(sleeper.clock.wallMs() + 60_000);
    expect(() => permit.dispatched()).toThrow(/^BR2001.*expired before it was used/);
    expect((await permit.settle()).outcome).toBe("released");
    await sleeper.guard.close();
  });
});

it("a call that waits half a minute before it is sent keeps its money, as in memory", async () => {
  const database = new SlowDatabase();
  const one = join(database, { budgets: ["$1/day"] });
  const permit = await one.guard.begin(tool("t", 0.01));
  await pass(database, [one], 30_000);
  permit.dispatched();
  await permit.settle();
  await one.guard.close();
  const { guard } = join(database, { budgets: ["$1/day"] });
  expect(await account(guard)).toMatchObject({ settled: 10_000_000, unknown: 0 });
});

describe("a limit that is changed while leases are out", () => {
  it("binds at once where it was lowered", async () => {
    const { guard } = join(new SlowDatabase(), {
      budgets: [{ id: "b", limit: { usd: 100 }, window: "day" }],
    });
    await spend(guard, tool("t", 1));
    await guard.setBudget("b", { limit: { usd: 1.5 } }, WHY);
    expect(await codeOf(spend(guard, tool("t", 1)))).toBe("BR2001");
    expect(await codeOf(spend(guard, tool("t", 0.5)))).toBeUndefined();
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBe("BR2001");
  });

  it("binds a process whose lease was on its way when it was lowered", async () => {
    const database = new SlowDatabase();
    const budgets = [{ id: "b", limit: { usd: 1_000 }, window: "day" }] as const;
    const store = database.connect();
    const onTheWay: (() => void)[] = [];
    let isSlow = false;
    const lease: Ledger["lease"] = async (batch) => {
      const granted = await store.ledger.lease(batch);
      if (isSlow) await new Promise<void>((arrive) => onTheWay.push(arrive));
      return granted;
    };
    const { guard } = setUp({ budgets, store: { ...store, ledger: { ...store.ledger, lease } } });
    for (let call = 0; call < 5; call++) await spend(guard, tool("t", 1));
    await turns();
    isSlow = true;
    for (let call = 0; call < 80 && onTheWay.length === 0; call++) {
      await spend(guard, tool("t", 1));
      await turns(3);
    }
    expect(onTheWay).toHaveLength(1);
    await join(database, { budgets }).guard.setBudget("b", { limit: { usd: 1 } }, WHY);
    await turns();
    isSlow = false;
    const refused = codeOf(spend(guard, tool("t", 1)));
    onTheWay[0]?.();
    expect(await refused).toBe("BR2001");
    expect(await codeOf(spend(guard, tool("t", 1)))).toBe("BR2001");
  });
});

describe("a window that ends while leases are out", () => {
  it("keeps what was spent in it, and the next begins whole", async () => {
    const database = new SlowDatabase();
    const { guard, clock } = join(database, { budgets: ["$1/day"] });
    await spendAll(guard, 60);
    database.passTime(86_400_000);
    clock.advance(86_400_000);
    await turns();
    expect(await spendAll(guard, 130)).toBe(100);
    await guard.close();
  });
});

describe("a call that ends late", () => {
  it("corrects what the lease counted as unknown", async () => {
    const database = new SlowDatabase();
    const { guard, clock } = join(database, { budgets: ["$100/day"] });
    const permit = await guard.begin(model(1_000, 1_000));
    permit.dispatched();
    for (let minute = 0; minute < 12; minute++) {
      clock.advance(60_000);
      await turns();
    }
    const reserved = 1_000 * 250 + 1_000 * 2_000;
    expect(await account(guard)).toMatchObject({ settled: 0, unknown: reserved, held: 0 });
    await permit.settle(used(10, 10));
    expect(await account(guard)).toMatchObject({ settled: 22_500, unknown: 0, held: 0 });
  });

  it("is charged what it really used, also above its reservation", async () => {
    const { guard } = join(new SlowDatabase(), { budgets: ["$1/day"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    await permit.settle(used(1_000_000, 1_000_000));
    expect(await account(guard)).toMatchObject({ settled: 2.25e9, state: "over" });
    expect(await codeOf(spend(guard, tool("t", 0.01)))).toBe("BR2001");
  });
});
