import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import {
  createMemoryStore,
  type Gate,
  type KillSource,
  type PendingCall,
  type Policy,
  type PolicyDecision,
  type Refusal,
} from "../index.ts";
import { account, codeOf, model, settled, setUp, tool, used } from "./test-fixture.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const broken = (): never => {
  throw new Error("secret rule text");
};

function withPolicy(decide: Policy["decide"]) {
  return setUp({ budgets: ["$1"], policy: { decide } });
}

describe("policy", () => {
  it.each<[string, Policy["decide"]]>([
    ["denies", () => ({ outcome: "deny", ruleId: "no-opus", reason: "too dear" })],
    ["denies later", async () => ({ outcome: "deny" })],
    ["throws", broken],
    ["rejects", () => Promise.reject(new Error("secret rule text"))],
    ["says nothing", () => undefined as never],
    ["says nothing later", async () => undefined as never],
    ["says something unknown", () => ({ outcome: "allowed" })],
    ["says true", () => true as never],
  ])("that %s refuses the call, holds nothing, and leaks no foreign words", async (_, decide) => {
    const { guard } = withPolicy(decide);
    const error = await guard.begin(model(10, 10)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "BR3001", retryable: false });
    expect(String(error)).not.toContain("secret");
    expect((await account(guard)).held).toBe(0);
    expect(guard.metrics().totals.slis.policy_compliance).toMatchObject({ bad: 1 });
  });

  it("names its rule and reason", async () => {
    const { guard } = withPolicy(() => ({ outcome: "deny", ruleId: "r-1", reason: "too dear" }));
    await expect(guard.begin(model(1, 1))).rejects.toThrow(/r-1: too dear/);
  });

  it.each<[string, PolicyDecision, string]>([
    ["with an outcome of its own", { outcome: "ask" }, '(unnamed rule, outcome "ask")'],
    ["without an outcome", true as never, 'without an outcome, such as { outcome: "allow" }'],
    ["with nothing", undefined as never, 'without an outcome, such as { outcome: "allow" }'],
  ])("is told apart when it answers %s", async (_, decision, text) => {
    const { guard } = withPolicy(() => decision);
    const error = await guard.begin(model(1, 1)).catch((reason: unknown) => reason);
    expect(String(error)).toContain(text);
  });

  it("says where to look when it threw, and not what", async () => {
    const { guard } = withPolicy(broken);
    await expect(guard.begin(model(1, 1))).rejects.toThrow(/look at what its decide throws/);
  });

  it("sees who calls what, and is not asked about money", async () => {
    const seen: PendingCall[] = [];
    const { guard } = withPolicy((call) => {
      seen.push(call);
      return { outcome: "allow" };
    });
    await guard.task({ agent: "a", user: "u" }, () => guard.begin({ ...tool("rm"), input: "-rf" }));
    expect(seen).toMatchObject([
      { kind: "tool", name: "rm", input: "-rf", context: { agent: "a", user: "u" } },
    ]);
    expect(seen[0]?.tasks).toHaveLength(1);
  });

  it("is counted when it was known, not before a human thought", async () => {
    let decide = (_: PolicyDecision): void => {};
    const { guard, clock } = withPolicy(() => new Promise((resolve) => (decide = resolve)));
    const events: string[] = [];
    guard.sli.subscribe(({ sli, outcome, atMs }) => {
      if (atMs === clock.wallMs()) events.push(`${sli} ${outcome}`);
    });
    const begin = async (outcome: string) => {
      const begun = guard.begin(model(10, 10));
      await settled();
      clock.advance(3_600_000);
      decide({ outcome });
      return begun;
    };
    const permit = await begin("allow");
    permit.dispatched();
    clock.advance(500);
    await permit.settle(used(10, 10));
    await codeOf(begin("deny"));
    expect(events).toEqual([
      "call_success good",
      "policy_compliance good",
      "latency good",
      "call_success excluded",
      "policy_compliance bad",
    ]);
  });

  it("holds no money while a human thinks", async () => {
    let decide = (_: PolicyDecision): void => {};
    const { guard } = withPolicy(() => new Promise((resolve) => (decide = resolve)));
    const begin = guard.begin(model(10, 10));
    await settled();
    expect((await account(guard)).held).toBe(0);
    decide({ outcome: "allow" });
    await begin;
    expect((await account(guard)).held).toBeGreaterThan(0);
  });

  it("keeps nobody waiting whom a kill covers meanwhile", async () => {
    const answers: ((decision: PolicyDecision) => void)[] = [];
    const { guard } = withPolicy(() => new Promise((resolve) => answers.push(resolve)));
    const shell = guard.begin(tool("shell"));
    const search = guard.begin(tool("search"));
    const { id } = await guard.kill({ tool: "shell" }, { reason: "deletes files", by: "me" });
    const stopped = expect.objectContaining({ code: "BR1001", details: expect.anything() });
    await expect(shell).rejects.toEqual(stopped);
    await guard.revive(id, { reason: "fixed", by: "me" });
    for (const answer of answers) answer({ outcome: "allow" });
    await (await search).release();
    expect((await account(guard)).held).toBe(0);
  });

  it("keeps nobody waiting whom a kill covers that the store has not taken yet", async () => {
    const { ledger, killLog } = createMemoryStore();
    const store = { ledger, killLog: { ...killLog, append: () => new Promise<never>(() => {}) } };
    const policy = { decide: () => new Promise<never>(() => {}) };
    const { guard } = setUp({ store, policy });
    const begin = codeOf(guard.begin(model(1, 1)));
    await settled();
    void guard.kill("everything", { reason: "deletes files", by: "me" });
    expect(await begin).toBe("BR1001");
  });

  it("keeps nobody waiting for a kill that came while it was asked", async () => {
    let pull: Parameters<KillSource["watch"]>[0] = () => {};
    const watch: KillSource["watch"] = (tell) => {
      pull = tell;
      return () => {};
    };
    const decide = (): Promise<never> => {
      const why = { reason: "deletes files", by: "me" };
      pull([{ id: "stop", target: "everything", level: "stop", ...why }]);
      return new Promise(() => {});
    };
    const { guard } = setUp({ killSources: [{ name: "file", watch }], policy: { decide } });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
  });

  it("that never answers keeps nothing of a call that has gone", async () => {
    const { guard } = withPolicy(() => new Promise(() => {}));
    const gone = async (): Promise<WeakRef<object>> => {
      const input = { prompt: "…" };
      const stop = new AbortController();
      const begin = guard.begin(model(1, 1, { input, signal: stop.signal }));
      stop.abort(new Error("gone"));
      await expect(begin).rejects.toThrow("gone");
      return new WeakRef(input);
    };
    const input = await gone();
    await settled();
    await vi.waitFor(() => {
      collectGarbage();
      expect(input.deref() === undefined).toBe(true);
    });
    await guard.close();
  });

  it("keeps nobody waiting who has gone, though it does not look at the signal", async () => {
    const { guard } = withPolicy(() => new Promise(() => {}));
    const stop = new AbortController();
    const begin = guard.begin(model(1, 1, { signal: stop.signal }));
    await settled();
    stop.abort(new Error("gone"));
    await expect(begin).rejects.toThrow("gone");
  });

  it("whose permission has ended refuses, and what was taken is given back", async () => {
    let clock = { wallMs: () => 0 };
    const world = setUp({
      budgets: ["$1"],
      policy: { decide: () => ({ outcome: "allow", validUntilMs: clock.wallMs() }) },
    });
    clock = world.clock;
    expect(await codeOf(world.guard.begin(model(10, 10)))).toBe("BR3001");
    expect((await account(world.guard)).held).toBe(0);
  });

  it("whose permission ends while a call waits for money refuses it", async () => {
    const { guard, clock } = setUp({
      budgets: ["$0.01"],
      onHeld: "wait",
      policy: {
        decide: () => ({ outcome: "allow", validUntilMs: Date.UTC(2026, 0, 1, 12, 0, 5) }),
      },
    });
    const first = await guard.begin(model(0, 5_000));
    const waiting = codeOf(guard.begin(model(0, 5_000)));
    await settled();
    clock.advance(5_000);
    await first.release();
    expect(await waiting).toBe("BR3001");
    expect((await account(guard)).held).toBe(0);
  });

  it("whose permission ends before the call is sent refuses it: once, and nothing is charged", async () => {
    const { guard, clock } = setUp({
      budgets: ["$1"],
      policy: { decide: () => ({ outcome: "allow", validUntilMs: clock.wallMs() + 5_000 }) },
    });
    const codes: string[] = [];
    guard.on("call-refused", ({ code }) => codes.push(code));
    const permit = await guard.begin(model(10, 10));
    clock.advance(5_000);
    expect(await codeOf((async () => permit.dispatched())())).toBe("BR3001");
    expect(codes).toEqual(["BR3001"]);
    expect(await account(guard)).toMatchObject({ held: 0, settled: 0 });
    const sent = await guard.begin(model(10, 10));
    sent.dispatched();
    clock.advance(5_000);
    await expect(sent.settle(used(10, 10))).resolves.toMatchObject({ outcome: "success" });
  });
});

/** A gate with one slot that writes down what happens to it. */
function slot(name: string, log: string[]): Gate {
  return {
    name,
    look: () => void log.push(`${name} looked`),
    acquire: () => {
      log.push(`${name} taken`);
      return { release: (record) => void log.push(`${name} back ${record?.outcome ?? "unused"}`) };
    },
  };
}

describe("limits and breaker", () => {
  const busy: Refusal = { code: "BR4002", message: "too many", scope: "limits" };

  function world(more: Partial<Parameters<typeof setUp>[0]> = {}) {
    const log: string[] = [];
    const limits = slot("limits", log);
    const breaker = slot("breaker", log);
    return { log, ...setUp({ budgets: ["$1"], limits, breaker, ...more }) };
  }

  it("look before policy and take after it, with the money", async () => {
    const log: string[] = [];
    const { guard } = setUp({
      limits: slot("limits", log),
      breaker: slot("breaker", log),
      policy: { decide: () => ({ outcome: log.push("policy") > 0 ? "allow" : "deny" }) },
    });
    await guard.begin(model(1, 1));
    expect(log).toEqual([
      "limits looked",
      "breaker looked",
      "policy",
      "limits taken",
      "breaker taken",
    ]);
  });

  it.each(["settle", "fail", "release"] as const)(
    "get back what they gave on %s, with the record",
    async (end) => {
      const { guard, log } = world();
      const permit = await guard.begin(model(1, 1));
      if (end !== "release") permit.dispatched();
      const record = await (end === "fail" ? permit.fail(new Error("x")) : permit[end](used(1, 1)));
      expect(log.slice(4)).toEqual([
        `limits back ${record.outcome}`,
        `breaker back ${record.outcome}`,
      ]);
    },
  );

  it("are told when the call began or waited last, and when it ended", async () => {
    const instants: (number | undefined)[] = [];
    const limits: Gate = {
      name: "limits",
      look: (_, atMs) => void instants.push(atMs),
      acquire: (_, atMs) => {
        instants.push(atMs);
        return { release: (_record, endedMs) => void instants.push(endedMs) };
      },
    };
    const { guard, clock } = setUp({
      limits,
      policy: {
        async decide() {
          await settled();
          clock.advance(5_000);
          return { outcome: "allow" };
        },
      },
    });
    const beganMs = clock.monotonicMs();
    const permit = await guard.begin(model(1, 1));
    permit.dispatched();
    clock.advance(300);
    await permit.settle(used(1, 1));
    expect(instants).toEqual([beganMs, beganMs + 5_000, beganMs + 5_300]);
  });

  it("get it back from the sweeper", async () => {
    const { guard, log, clock } = world();
    await guard.begin(model(1, 1));
    (await guard.begin(model(1, 1))).dispatched();
    clock.advance(2_000_000);
    const back = log.filter((line) => line.startsWith("limits back"));
    expect(back).toEqual(["limits back released", "limits back unknown"]);
  });

  it("get it back when a later step refuses", async () => {
    const { guard, log } = world();
    expect(await codeOf(guard.begin(model(1, 1_000_000)))).toBe("BR2001");
    expect(log.slice(-2)).toEqual(["limits back unused", "breaker back unused"]);
    const second: string[] = [];
    const closed: Gate = {
      ...slot("breaker", second),
      acquire: () => ({ ...busy, code: "BR5001" }),
    };
    const { guard: other } = setUp({ limits: slot("limits", second), breaker: closed });
    expect(await codeOf(other.begin(model(1, 1)))).toBe("BR5001");
    expect(second.slice(-2)).toEqual(["limits taken", "limits back unused"]);
  });

  it("refuse by looking, before anyone is asked", async () => {
    const { guard } = setUp({
      limits: { ...slot("limits", []), look: () => busy },
      policy: { decide: () => expect.fail("policy was asked") },
    });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4002");
  });

  it.each<[string, Partial<Gate>]>([
    ["look", { look: broken }],
    ["acquire", { acquire: broken }],
  ])("that throw in %s refuse the call as ours, and hold nothing", async (_, fault) => {
    const log: string[] = [];
    const { guard, log: outer } = world({
      limits: slot("limits", log),
      breaker: { ...slot("breaker", log), ...fault },
    });
    const refused: string[] = [];
    guard.on("call-refused", ({ code }) => refused.push(code));
    const error = await guard.begin(model(1, 1)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "BR8001" });
    expect(String(error)).not.toContain("secret");
    expect(refused).toEqual(["BR8001"]);
    expect((await account(guard)).held).toBe(0);
    const count = (end: string) => log.filter((line) => line.startsWith(`limits ${end}`)).length;
    expect(count("back")).toBe(count("taken"));
    expect(outer).toEqual([]);
  });

  it("that throw when they get it back keep no call from being settled", async () => {
    const { guard } = world({
      limits: { ...slot("limits", []), acquire: () => ({ release: broken }) },
    });
    const topics: string[] = [];
    guard.on("warning", ({ topic }) => topics.push(topic));
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    expect((await permit.settle(used(10, 1))).costNanoUsd).toBe(4_500);
    expect((await account(guard)).settled).toBe(4_500);
    expect(topics).toEqual(["gate-release-failed"]);
  });
});
