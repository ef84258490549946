import { describe, expect, it } from "vitest";
import { createMemoryStore, type GuardOptions, type Store, systemClock } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";
import { account, codeOf, model, settled, setUp, spend, tool, WHY } from "./test-fixture.ts";

const CALLS = { id: "b", limit: { calls: 2 }, window: "day" as const };

/** Two guards on one store, as two processes would be. */
function two(options: GuardOptions, store: Store = createMemoryStore()) {
  return [setUp({ ...options, store }).guard, setUp({ ...options, store }).guard] as const;
}

async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe("a limit that is changed at run time", () => {
  it("counts for every guard of the store, and everyone says so", async () => {
    const [one, other] = two({ budgets: [CALLS] });
    const told: number[] = [];
    other.on("budget-changed", ({ to }) => told.push(to));
    await one.setBudget("b", { limit: { calls: 5 } }, WHY);
    await settled();
    expect((await account(other)).limit).toBe(5);
    expect(told).toEqual([5]);
  });

  it("survives a restart", async () => {
    const store = createMemoryStore();
    await setUp({ budgets: [CALLS], store }).guard.setBudget("b", { limit: { calls: 5 } }, WHY);
    const { guard } = setUp({ budgets: [CALLS], store });
    for (let call = 0; call < 5; call++) await spend(guard, tool("t"));
    expect(await codeOf(spend(guard, tool("t")))).toBe("BR2001");
  });

  it("is forgotten when the configuration itself was changed since", async () => {
    const store = createMemoryStore();
    await setUp({ budgets: [CALLS], store }).guard.setBudget("b", { limit: { calls: 5 } }, WHY);
    const { guard } = setUp({ budgets: [{ ...CALLS, limit: { calls: 3 } }], store });
    for (let call = 0; call < 3; call++) await spend(guard, tool("t"));
    expect(await codeOf(spend(guard, tool("t")))).toBe("BR2001");
  });

  it("stays as it was when the store does not take it", async () => {
    const store = createMemoryStore();
    const killLog = { ...store.killLog, append: () => Promise.reject(new Error("disk full")) };
    const { guard } = setUp({ budgets: [CALLS], store: { ...store, killLog } });
    const changing = guard.setBudget("b", { limit: { calls: 5 } }, WHY);
    expect(await codeOf(changing)).toBe("BR8001");
    expect((await account(guard)).limit).toBe(2);
  });
});

describe("a kill", () => {
  it("names every process that has it in force, and how many calls each cut", async () => {
    const [one, other] = two({});
    for (let call = 0; call < 3; call++) (await other.begin(model(1, 1))).dispatched();
    (await one.begin(model(1, 1))).dispatched();
    const receipt = await one.kill("everything", WHY);
    expect(receipt.acks.map(({ aborted }) => aborted).sort()).toEqual([1, 3]);
    expect(new Set(receipt.acks.map(({ process }) => process)).size).toBe(2);
    expect(receipt).toMatchObject({ aborted: 4, missing: [] });
  });

  it("does the same over a store that takes its time", async () => {
    const database = new SlowDatabase();
    const [one, other] = [database, database].map(
      (at) => setUp({ store: at.connect() }).guard,
    ) as unknown as ReturnType<typeof two>;
    (await other.begin(model(1, 1))).dispatched();
    await one.begin(model(1, 1));
    expect(await one.kill("everything", WHY)).toMatchObject({ aborted: 2, missing: [] });
  });

  it("names those that live and did not answer in time", async () => {
    const store = createMemoryStore();
    await store.fleet?.beat("silent", 60_000);
    const { guard, clock } = setUp({ store });
    await settled();
    const killing = guard.kill("everything", { ...WHY, ackTimeoutMs: 500 });
    for (let waited = 0; waited < 600; waited += 10) {
      await turns(1);
      clock.advance(10);
    }
    expect((await killing).missing).toEqual(["silent"]);
  });

  it.each<[string, () => Promise<never>]>([
    ["hangs", () => new Promise<never>(() => {})],
    ["fails", () => Promise.reject(new Error("down"))],
  ])("keeps what it heard when the store %s before the time is up", async (_, silent) => {
    const store = createMemoryStore();
    const { fleet } = store;
    await fleet?.beat("silent", 60_000);
    let looks = 0;
    const living = () => (++looks < 3 ? fleet?.living() : silent());
    const one = setUp({ store: { ...store, fleet: { ...fleet, living } } as Store });
    setUp({ store });
    await settled();
    const killing = one.guard.kill("everything", { ...WHY, ackTimeoutMs: 500 });
    for (let waited = 0; waited < 600; waited += 10) {
      await turns(1);
      one.clock.advance(10);
    }
    const { acks, missing } = await killing;
    expect([acks.length, missing]).toEqual([2, ["silent"]]);
  });

  it("does not wait for a process that has ended in order", async () => {
    const [one, other] = two({});
    await settled();
    await other.close();
    expect(await one.kill("everything", WHY)).toMatchObject({ missing: [] });
  });

  /** A store that is told of a new guard in its own time. */
  function slowToHear() {
    const store = createMemoryStore();
    const { fleet } = store;
    if (fleet === undefined) throw new Error("memory has a fleet");
    let hear = (): void => {};
    const beat = (name: string, ttlMs: number): Promise<void> =>
      new Promise((resolve) => {
        hear = () => resolve(fleet.beat(name, ttlMs));
      });
    const { guard } = setUp({ store: { ...store, fleet: { ...fleet, beat } } });
    return { guard, fleet, store, hear: () => hear() };
  }

  it("knows of every guard that makes calls, however young", async () => {
    const young = slowToHear();
    let calls = 0;
    const calling = young.guard.begin(model(1, 1)).then(() => calls++);
    await turns();
    expect(calls).toBe(0);
    young.hear();
    await calling;
    const { acks, missing } = await setUp({ store: young.store }).guard.kill("everything", WHY);
    expect([acks.length, missing]).toEqual([2, []]);
  });

  it("does not wait for a guard that was closed while the store was told of it", async () => {
    const { guard, fleet, hear } = slowToHear();
    await turns();
    const closing = guard.close();
    await turns();
    hear();
    await closing;
    expect(await fleet.living()).toEqual([]);
  });

  it("claims nothing about others when the store does not say who they are", async () => {
    const store = createMemoryStore();
    const fleet = { ...store.fleet, living: () => Promise.reject(new Error("down")) };
    const { guard, clock } = setUp({ store: { ...store, fleet } as Store });
    const killing = guard.kill("everything", { ...WHY, ackTimeoutMs: 100 });
    for (let waited = 0; waited < 200; waited += 10) {
      await turns(1);
      clock.advance(10);
    }
    expect((await killing).missing).toHaveLength(1);
  });
});

describe("a store that is down when the guard starts", () => {
  it("has everything refused until the kill log was read, and is tried again", async () => {
    const store = createMemoryStore();
    await setUp({ store }).guard.kill({ agent: "support" }, WHY);
    let down = true;
    const killLog = {
      ...store.killLog,
      read: async (epoch: number) => {
        if (down) throw new Error("no route to host");
        return store.killLog.read(epoch);
      },
    };
    const { guard, clock } = setUp({ store: { ...store, killLog } });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
    down = false;
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR8001");
    clock.advance(1_000);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
    const asSupport = guard.with({ agent: "support" }, () => guard.begin(model(1, 1)));
    expect(await codeOf(asSupport)).toBe("BR1001");
  });
});

describe("a store that hangs", () => {
  /** All of its answers are on the way for ever, from when the test says so. */
  function hanging() {
    const store = createMemoryStore();
    const { fleet } = store;
    let hangs = false;
    const slow = <P extends object>(port: P): P =>
      new Proxy(port, {
        get: (target, name) => {
          const held: unknown = Reflect.get(target, name);
          if (typeof held !== "function") return held;
          return (...given: unknown[]) => {
            return hangs ? new Promise(() => {}) : Reflect.apply(held, target, given);
          };
        },
      });
    if (fleet === undefined) throw new Error("memory has a fleet");
    const world = setUp({
      budgets: [CALLS],
      store: { ...store, killLog: slow(store.killLog), fleet: slow(fleet) },
    });
    const hang = (): void => {
      hangs = true;
    };
    return { ...world, hang };
  }

  it("keeps no kill from its receipt, which claims nothing about others", async () => {
    const { guard, clock, hang } = hanging();
    hang();
    const killing = guard.kill("everything", WHY);
    await settled();
    expect(guard.kills()).toHaveLength(1);
    for (let second = 0; second < 2; second++) {
      clock.advance(1_000);
      await settled();
    }
    const { durable, missing } = await killing;
    expect([durable, missing]).toEqual([false, [expect.stringContaining("did not say")]]);
  });

  it("has a revive and a new limit refused after ten seconds", async () => {
    const { guard, clock, hang } = hanging();
    const { id } = await guard.kill("everything", WHY);
    hang();
    const asked = [
      codeOf(guard.revive(id, WHY)),
      codeOf(guard.setBudget("b", { limit: CALLS.limit }, WHY)),
    ];
    await settled();
    clock.advance(10_000);
    expect(await Promise.all(asked)).toEqual(["BR8001", "BR8001"]);
    expect(guard.kills()).toHaveLength(1);
  });

  it("keeps no guard from closing", async () => {
    const { guard, clock, hang } = hanging();
    hang();
    const closing = guard.close();
    await settled();
    clock.advance(2_000);
    await closing;
  });
});

describe("a kill that ends by itself, in processes whose clocks are ten minutes apart", () => {
  it.each([[600_000], [-600_000]])("binds them as long as it says (%i ms)", async (skewMs) => {
    const database = new SlowDatabase();
    const startMs = systemClock.wallMs(); // where the database begins
    const one = setUp({ store: database.connect() }, startMs);
    const other = setUp({ store: database.connect() }, startMs + skewMs);
    await Promise.all([one.guard.budgets(), other.guard.budgets()]);
    const receipt = await one.guard.kill("everything", { ...WHY, ttlMs: 300_000 });
    expect(receipt).toMatchObject({ acks: [{}, {}], missing: [] });
    expect(await codeOf(spend(other.guard, tool("t")))).toBe("BR1001");
    for (const { clock } of [one, other]) clock.advance(300_000);
    expect(await codeOf(spend(one.guard, tool("t")))).toBeUndefined();
    expect(await codeOf(spend(other.guard, tool("t")))).toBeUndefined();
  });
});
