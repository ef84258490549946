import { describe, expect, it } from "vitest";
import { type CallRecord, findGuardError, type KillLevel } from "../index.ts";
import { account, codeOf, model, settled, setUp, used, WHY } from "./test-fixture.ts";

const kill = (level: KillLevel) => ({ ...WHY, level });

describe("level drain", () => {
  it("lets running tasks finish with new calls and inner tasks, and no new task begin", async () => {
    const { guard } = setUp();
    await guard.task({}, async () => {
      await guard.kill("everything", kill("drain"));
      expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
      expect(await codeOf(guard.task({}, () => guard.begin(model(1, 1))))).toBeUndefined();
    });
    let ran = false;
    const next = guard.task({}, () => {
      ran = true;
    });
    expect(await codeOf(next)).toBe("BR1001");
    expect(ran).toBe(false);
  });

  it("refuses calls outside of tasks, and in tasks that an adapter opened later", async () => {
    const { guard } = setUp();
    const before = guard.openTask({});
    await guard.kill("everything", kill("drain"));
    const after = guard.openTask({});
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    expect(await codeOf(after.run(() => guard.begin(model(1, 1))))).toBe("BR1001");
    expect(await codeOf(before.run(() => guard.begin(model(1, 1))))).toBeUndefined();
  });

  it("leaves calls in flight alone", async () => {
    const { guard } = setUp();
    const permit = await guard.task({}, () => guard.begin(model(1, 1)));
    permit.dispatched();
    const receipt = await guard.kill("everything", kill("drain"));
    expect(receipt.aborted).toBe(0);
    expect(permit.signal.aborted).toBe(false);
  });
});

describe("level stop", () => {
  it("refuses new calls also in running tasks, and lets calls in flight finish", async () => {
    const { guard } = setUp();
    await guard.task({}, async () => {
      const permit = await guard.begin(model(1, 1));
      permit.dispatched();
      expect((await guard.kill("everything", kill("stop"))).aborted).toBe(0);
      expect(permit.signal.aborted).toBe(false);
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
      expect((await permit.settle(used(1, 1))).outcome).toBe("success");
    });
  });
});

describe("level abort", () => {
  it("is what a kill means unless it says otherwise", async () => {
    const { guard } = setUp();
    await guard.kill("everything", WHY);
    expect(guard.kills()).toMatchObject([{ level: "abort", reason: "test", by: "me" }]);
  });

  it("cuts calls in flight that it covers, on their next chunk, and tells how many", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const start = async (agent: string) => {
      const permit = await guard.with({ agent }, () => guard.begin(model(10, 10)));
      permit.dispatched();
      permit.progress({ outputTokens: 1 });
      return permit;
    };
    const [cut, alsoCut, left] = [await start("a"), await start("a/b"), await start("c")];
    const { signal } = cut;
    const receipt = await guard.kill({ agent: "a" }, WHY);
    expect(receipt).toMatchObject({ aborted: 2, missing: [], durable: false });
    expect(receipt.acks).toMatchObject([{ aborted: 2 }]);
    expect(findGuardError(signal.reason)?.code).toBe("BR1001");
    expect(findGuardError(alsoCut.signal.reason)?.code).toBe("BR1001");
    expect(left.signal.aborted).toBe(false);
    expect((await cut.fail(signal.reason)).outcome).toBe("killed");
    expect((await account(guard)).settled).toBeGreaterThan(0);
  });

  it("cuts a call once, and never one that has ended", async () => {
    const { guard } = setUp();
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    await permit.settle(used(1, 1));
    const open = await guard.begin(model(1, 1));
    open.dispatched();
    expect((await guard.kill("everything", WHY)).aborted).toBe(1);
    expect((await guard.kill({ model: "gpt*" }, WHY)).aborted).toBe(0);
  });

  it("makes guard.run throw the kill rather than what it made of the provider's client", async () => {
    const { guard } = setUp();
    const running = guard.run(model(1, 1), async ({ signal }) => {
      await guard.kill("everything", WHY);
      signal.throwIfAborted();
      return { value: 1 };
    });
    expect(await codeOf(running)).toBe("BR1001");
    const wrapped = guard.run(model(1, 1), () => ({ value: 1 }));
    expect(await codeOf(wrapped)).toBe("BR1001");
  });
});

describe("a function that does not listen to an abort", () => {
  it("is charged by what it used, and its value is withheld", async () => {
    const { guard, records } = setUp();
    const used = { inputTokens: 2, outputTokens: 1 };
    const running = guard.run(model(5, 5), async () => {
      await guard.kill("everything", WHY);
      return { value: "too late", usage: used };
    });
    expect(await codeOf(running)).toBe("BR1001");
    expect(records).toMatchObject([{ outcome: "killed", usageSource: "provider", usage: used }]);
  });

  it("is withheld also when its caller had left before", async () => {
    const { guard, records } = setUp();
    const caller = new AbortController();
    const running = guard.run(model(1, 1, { signal: caller.signal }), async ({ signal }) => {
      caller.abort();
      await guard.kill("everything", WHY);
      return { value: signal.aborted };
    });
    expect(await codeOf(running)).toBe("BR1001");
    expect(records).toMatchObject([{ outcome: "killed" }]);
  });

  it("costs nothing, and keeps its value, where a cache had the answer", async () => {
    const { guard, records } = setUp();
    const running = guard.run(model(1, 1), async () => {
      await guard.kill("everything", WHY);
      return { value: "known", outcome: "cached" };
    });
    expect(await running).toBe("known");
    expect(records).toMatchObject([{ outcome: "cached", costNanoUsd: 0 }]);
  });

  it("keeps its value where the kill lets calls in flight finish", async () => {
    const { guard } = setUp();
    const running = guard.run(model(1, 1), async () => {
      await guard.kill("everything", { ...WHY, level: "stop" });
      return { value: "in time" };
    });
    expect(await running).toBe("in time");
  });
});

describe("when a kill is looked at", () => {
  it("is before policy and gates, which are not asked", async () => {
    const asked: string[] = [];
    const gate = (name: string) => ({
      name,
      look: () => void asked.push(name),
      acquire: () => void asked.push(name),
    });
    const { guard } = setUp({
      policy: { decide: () => ({ outcome: asked.push("policy") > 0 ? "allow" : "deny" }) },
      limits: gate("limits"),
      breaker: gate("breaker"),
    });
    await guard.kill("everything", WHY);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    expect(asked).toEqual([]);
  });

  it("is at once for a call that waits for a policy, and nothing is taken for it", async () => {
    const events: string[] = [];
    let decide = (_: { outcome: string }): void => {};
    const { guard } = setUp({
      budgets: ["$1"],
      policy: { decide: () => new Promise((resolve) => (decide = resolve)) },
      limits: {
        name: "slots",
        look: () => undefined,
        acquire: () => {
          events.push("taken");
          return { release: () => events.push("given back") };
        },
      },
    });
    const begin = codeOf(guard.begin(model(10, 10)));
    await settled();
    await guard.kill("everything", WHY);
    expect(await begin).toBe("BR1001");
    decide({ outcome: "allow" });
    await settled();
    expect(events).toEqual([]);
    expect((await account(guard)).held).toBe(0);
  });

  it("is again between begin and dispatch, and the money is given back", async () => {
    const { guard, records } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    await guard.kill("everything", kill("stop"));
    expect(() => permit.dispatched()).toThrow(/BR1001/);
    expect((await account(guard)).held).toBe(0);
    expect(records).toMatchObject([{ outcome: "released", costNanoUsd: 0 }]);
  });

  it("between begin and dispatch is one refusal for exporters and indicators", async () => {
    const exported: string[] = [];
    const exporter = {
      name: "list",
      exportCall: ({ outcome }: CallRecord) => exported.push(outcome),
    };
    const { guard } = setUp({ exporters: [exporter] });
    const permit = await guard.begin(model(10, 10));
    await guard.kill("everything", kill("stop"));
    expect(() => permit.dispatched()).toThrow(/BR1001/);
    await permit.fail(new Error("refused"));
    expect(exported).toEqual(["refused"]);
    const { slis } = guard.metrics().totals;
    expect(slis.call_success.excluded).toBe(1);
    expect(slis.policy_compliance).toMatchObject({ good: 0, excluded: 1 });
  });

  it("is at once for a call that waits for held money", async () => {
    const { guard } = setUp({ budgets: ["$0.01"], onHeld: "wait" });
    await guard.begin(model(0, 5_000));
    const waiting = codeOf(guard.with({ agent: "a" }, () => guard.begin(model(0, 5_000))));
    await settled();
    await guard.kill({ agent: "a" }, WHY);
    expect(await waiting).toBe("BR1001");
  });
});

describe("the end of a kill", () => {
  it("comes by its time to live, whatever the wall clock does", async () => {
    const { guard, clock } = setUp();
    await guard.kill("everything", { ...WHY, ttlMs: 1_000 });
    clock.setWall(clock.wallMs() + 1e9);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    clock.setWall(0);
    clock.advance(999);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    clock.advance(1);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
    expect(guard.kills()).toEqual([]);
  });

  it("does not end another kill of the same scope", async () => {
    const { guard } = setUp();
    const { id } = await guard.kill({ org: "acme" }, WHY);
    await guard.kill({ org: "acme" }, WHY);
    await guard.revive(id, WHY);
    const begin = guard.with({ org: "acme" }, () => guard.begin(model(1, 1)));
    expect(await codeOf(begin)).toBe("BR1001");
  });

  it("is an error when there is no such kill, or it has ended", async () => {
    const { guard, clock } = setUp();
    expect(await codeOf(guard.revive("k-1", WHY))).toBe("BR9001");
    const { id } = await guard.kill("everything", { ...WHY, ttlMs: 10 });
    clock.advance(10);
    expect(await codeOf(guard.revive(id, WHY))).toBe("BR9001");
  });
});
