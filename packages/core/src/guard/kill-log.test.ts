import { describe, expect, it } from "vitest";
import { type ActiveKill, createMemoryStore, type KillLog } from "../index.ts";
import { codeOf, model, settled, setUp, type TestGuard, WHY } from "./test-fixture.ts";

describe("a kill log that fails", () => {
  function brokenLog(broken: Partial<KillLog>) {
    const { ledger, killLog } = createMemoryStore();
    return setUp({ store: { ledger, killLog: { ...killLog, durable: true, ...broken } } });
  }
  const down = (): never => {
    throw new Error("secret host is down");
  };

  it.each([
    ["at once", down],
    ["later", () => Promise.reject(new Error("down"))],
  ])(
    "%s does not keep a kill from stopping calls here, and the receipt says it will not last",
    async (_, append) => {
      const { guard } = brokenLog({ append });
      const receipt = await guard.kill("everything", WHY);
      expect(receipt).toMatchObject({ durable: false, aborted: 0, epoch: 0 });
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
      expect(guard.metrics().dropped.settlements).toBe(1);
    },
  );

  it("never answers: the kill stands, and its caller waits no longer than ackTimeoutMs", async () => {
    const { guard, clock } = brokenLog({ append: () => new Promise(() => {}) });
    const killing = guard.kill("everything", { ...WHY, ackTimeoutMs: 250 });
    await settled();
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    clock.advance(250);
    expect(await killing).toMatchObject({ durable: false });
    expect(guard.metrics().dropped.settlements).toBe(0); // its answer may still come
    clock.advance(10_000);
    await settled();
    expect(guard.metrics().dropped.settlements).toBe(1);
  });

  it.each([
    ["is told again of a kill that it has not answered", true, 1],
    ["is told once of a kill that it answers late", false, 0],
  ])("%s, and only what it does not take is counted", async (_, isSilent, dropped) => {
    const { killLog } = createMemoryStore();
    let asked = 0;
    let answer = (): void => {};
    const append: KillLog["append"] = async (entry) => {
      if (asked++ === 0 && isSilent) return new Promise(() => {});
      if (asked === 1) await new Promise<void>((resolve) => (answer = resolve));
      return killLog.append(entry);
    };
    const { guard, clock } = brokenLog({ ...killLog, append });
    const killing = guard.kill({ agent: "a" }, { ...WHY, ackTimeoutMs: 50 });
    await settled();
    clock.advance(50);
    const { id, epoch } = await killing;
    expect(epoch).toBe(0);
    clock.advance(5_000);
    answer();
    await settled();
    for (let second = 0; second < 20; second++) {
      clock.advance(1_000);
      await settled();
    }
    expect(killLog.read(0)).toMatchObject([{ id }]);
    expect(guard.kills()).toMatchObject([{ id, epoch: 1 }]);
    expect(guard.metrics().dropped.settlements).toBe(dropped);
  });

  it.each<[string, () => never, number]>([
    ["fails", down, 0],
    ["never answers", () => new Promise(() => {}) as never, 250],
  ])(
    "%s: listeners hear of the kill all the same, once, with the epoch 0",
    async (_, append, ms) => {
      const { guard, clock } = brokenLog({ append });
      const epochs: number[] = [];
      guard.on("kill-issued", ({ epoch }) => epochs.push(epoch));
      const killing = guard.kill("everything", { ...WHY, ackTimeoutMs: 250 });
      await settled();
      clock.advance(ms);
      await killing;
      expect(epochs).toEqual([0]);
      expect(guard.kills()).toMatchObject([{ epoch: 0 }]);
    },
  );

  it("is told of a kill within a second of working again, so that others hear of it", async () => {
    const { killLog } = createMemoryStore();
    let isDown = true;
    const append: KillLog["append"] = (entry) => (isDown ? down() : killLog.append(entry));
    const storeOf = (log: KillLog) => ({ ledger: createMemoryStore().ledger, killLog: log });
    const here = setUp({ store: storeOf({ ...killLog, append }) });
    const there = setUp({ store: storeOf(killLog) });
    const { id } = await here.guard.kill({ agent: "a" }, WHY);
    await here.guard.kill({ agent: "over by then" }, { ...WHY, ttlMs: 1_000 });
    for (let round = 0; round < 28; round++) {
      here.clock.advance(1_000);
      await settled();
    }
    expect(there.guard.kills()).toEqual([]);
    isDown = false;
    here.clock.advance(1_000);
    await settled();
    expect(there.guard.kills()).toMatchObject([{ id, target: { agent: "a" }, epoch: 1 }]);
    expect(here.guard.kills()).toMatchObject([{ id, epoch: 1 }]);
    expect(killLog.read(0)).toMatchObject([{ id }]);
    await there.guard.revive(id, WHY);
    expect(here.guard.kills()).toEqual([]);
  });

  it("keeps a kill in force that cannot be revived in it, and says so without foreign words", async () => {
    const { ledger, killLog } = createMemoryStore();
    const append: KillLog["append"] = (entry) =>
      entry.kind === "revive" ? down() : killLog.append(entry);
    const { guard } = setUp({ store: { ledger, killLog: { ...killLog, append } } });
    const { id } = await guard.kill("everything", WHY);
    const error = await guard.revive(id, WHY).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "BR8001" });
    expect(String(error)).not.toContain("secret");
    expect(guard.kills()).toHaveLength(1);
  });

  it("cannot be read: nothing is admitted, because nobody knows what is killed", async () => {
    for (const read of [down, () => Promise.reject(new Error("down")), () => undefined as never]) {
      expect(await codeOf(brokenLog({ read }).guard.begin(model(1, 1)))).toBe("BR8001");
    }
    expect(await codeOf(brokenLog({ subscribe: down }).guard.begin(model(1, 1)))).toBe("BR8001");
  });
});

describe("guards that share a kill log", () => {
  function shared(change: (log: KillLog) => Partial<KillLog> = () => ({})) {
    const { killLog } = createMemoryStore();
    const store = () => ({
      ledger: createMemoryStore().ledger,
      killLog: { ...killLog, ...change(killLog) },
    });
    return { here: setUp({ store: store() }), there: setUp({ store: store() }), killLog };
  }

  it("obey each other's kills and revives", async () => {
    const { here, there } = shared();
    const { id } = await here.guard.kill("everything", WHY);
    expect(await codeOf(there.guard.begin(model(1, 1)))).toBe("BR1001");
    await there.guard.revive(id, WHY);
    expect(await codeOf(here.guard.begin(model(1, 1)))).toBeUndefined();
  });

  it("tell their listeners of a kill with the same number, whoever pulled it", async () => {
    const { here, there } = shared();
    await there.guard.kill({ agent: "earlier" }, WHY);
    const heard: unknown[] = [];
    here.guard.on("kill-issued", ({ id, epoch }) => heard.push(["here", id, epoch]));
    there.guard.on("kill-issued", ({ id, epoch }) => heard.push(["there", id, epoch]));
    const { id } = await here.guard.kill("everything", WHY);
    expect(heard).toEqual([
      ["here", id, 2],
      ["there", id, 2],
    ]);
    expect(here.guard.kills().at(-1)).toMatchObject({ id, epoch: 2 });
  });

  it("tell of the kills in force when they begin, and not of those that were revived before", async () => {
    const { here, killLog } = shared();
    const over = await here.guard.kill({ agent: "over" }, WHY);
    await here.guard.revive(over.id, WHY);
    const { id } = await here.guard.kill({ agent: "killed" }, WHY);
    const read: KillLog["read"] = async (epoch) => killLog.read(epoch);
    const { guard } = setUp({
      store: { ledger: createMemoryStore().ledger, killLog: { ...killLog, read } },
    });
    const heard: unknown[] = [];
    guard.on("kill-issued", (kill) => heard.push(["issued", kill.id]));
    guard.on("kill-revived", (revive) => heard.push(["revived", revive.id]));
    await guard.budgets();
    expect(heard).toEqual([["issued", id]]);
    await here.guard.revive(id, WHY);
    expect(heard.at(-1)).toEqual(["revived", id]);
  });

  it("wait with the news, but not with the kill, for a log that is slow", async () => {
    let answer = (): void => {};
    const { here } = shared((log) => ({
      append: async (entry) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return log.append(entry);
      },
    }));
    const epochs: number[] = [];
    here.guard.on("kill-issued", ({ epoch }) => epochs.push(epoch));
    const killing = here.guard.kill("everything", WHY);
    await settled();
    expect(await codeOf(here.guard.begin(model(1, 1)))).toBe("BR1001");
    expect(epochs).toEqual([]);
    answer();
    expect(await killing).toMatchObject({ epoch: 1 });
    expect(epochs).toEqual([1]);
  });

  it("obey both of two kills whose ids are the same", async () => {
    const { killLog } = createMemoryStore();
    const ids = { next: () => "k-1" };
    const [here, there] = [1, 2].map(() =>
      setUp({ ids, store: { ledger: createMemoryStore().ledger, killLog } }),
    );
    await here?.guard.kill({ agent: "a" }, WHY);
    await killLog.append({
      ...(here?.guard.kills()[0] as ActiveKill),
      target: { agent: "b" },
    });
    for (const agent of ["a", "b"]) {
      for (const { guard } of [here, there] as TestGuard[]) {
        expect(await codeOf(guard.with({ agent }, () => guard.begin(model(1, 1))))).toBe("BR1001");
      }
    }
  });

  it("cut calls in flight of the other", async () => {
    const { here, there } = shared();
    const permit = await there.guard.begin(model(1, 1));
    permit.dispatched();
    await here.guard.kill("everything", WHY);
    expect(permit.signal.aborted).toBe(true);
  });

  it("know a kill from before they were made", async () => {
    const { killLog, ledger } = createMemoryStore();
    await setUp({ store: { ledger, killLog } }).guard.kill("everything", WHY);
    const { guard } = setUp({ store: { ledger: createMemoryStore().ledger, killLog } });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
  });

  it("read what they were not told as soon as they are told anything", async () => {
    let deaf = true;
    const { here, there } = shared((log) => ({
      subscribe: (listener) => log.subscribe((entry) => (deaf ? undefined : listener(entry))),
    }));
    await here.guard.kill("everything", WHY);
    expect(await codeOf(there.guard.begin(model(1, 1)))).toBeUndefined();
    deaf = false;
    await here.guard.kill({ agent: "somebody else" }, WHY);
    expect(await codeOf(there.guard.begin(model(1, 1)))).toBe("BR1001");
  });

  it("hear nothing any more once they are closed", async () => {
    const { here, there } = shared();
    await there.guard.close();
    await here.guard.kill("everything", WHY);
    expect(there.guard.kills()).toEqual([]);
    expect(here.guard.kills()).toHaveLength(1);
  });
});
