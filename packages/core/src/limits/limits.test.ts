import { describe, expect, it } from "vitest";
import { codeOf, model, settled, setUp, spend, tool, used } from "../guard/test-fixture.ts";
import type { CallContext, Guard, GuardError, GuardOptions, TaskEndListener } from "../index.ts";
import { createLimits, findGuardError } from "../index.ts";
import { call } from "./test-fixture.ts";

type Who = CallContext;

function begin(guard: Guard, who: Who = {}, request = model(1, 1)) {
  return guard.with(who, () => guard.begin(request));
}

async function refusalOf(run: Promise<unknown>): Promise<GuardError> {
  const error: unknown = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const found = findGuardError(error);
  if (found === undefined) throw new Error("it was not refused");
  return found;
}

/** How many of so many calls are let through at this instant. */
async function admitted(guard: Guard, count: number, who: Who = {}, request = model(1, 1)) {
  let through = 0;
  for (let index = 0; index < count; index++) {
    const call = await begin(guard, who, request).catch(() => undefined);
    if (call === undefined) continue;
    through++;
    await call.settle(used(1, 1));
  }
  return through;
}

describe("a rate", () => {
  it("lets its burst through at once, then one call each interval", async () => {
    const { guard, clock } = setUp({ limits: ["60/minute"] });
    expect(await admitted(guard, 100)).toBe(60);
    clock.advance(999);
    expect(await admitted(guard, 5)).toBe(0);
    clock.advance(1);
    expect(await admitted(guard, 5)).toBe(1);
    clock.advance(5_000);
    expect(await admitted(guard, 10)).toBe(5);
    clock.advance(3_600_000);
    expect(await admitted(guard, 100)).toBe(60);
  });

  it("goes by the clock of the first of the guards that share it", async () => {
    const limits = createLimits(["1/minute"]);
    const { guard, clock } = setUp({ limits });
    const { guard: other, clock: otherClock } = setUp({ limits });
    otherClock.advance(1_000_000);
    expect(await admitted(guard, 2)).toBe(1);
    expect(await admitted(other, 2)).toBe(0);
    clock.advance(60_000);
    expect(await admitted(other, 2)).toBe(1);
    expect(await admitted(guard, 2)).toBe(0);
  });

  it("lets nobody in a millisecond early, however long its period", async () => {
    const { guard, clock } = setUp({ limits: ["3/day"] });
    expect(await admitted(guard, 5)).toBe(3);
    for (let turn = 0; turn < 50; turn++) {
      clock.advance(8 * 3_600_000 - 1);
      expect(await admitted(guard, 1)).toBe(0);
      clock.advance(1);
      expect(await admitted(guard, 2)).toBe(1);
    }
  });

  it("has the burst that it is given", async () => {
    const rate = { calls: 7, per: "minute", burst: 2 } as const;
    const { guard, clock } = setUp({ limits: [{ rate }] });
    expect(await admitted(guard, 10)).toBe(2);
    clock.advance(60_000 / 7);
    expect(await admitted(guard, 10)).toBe(1);
  });

  it("says which limit refused, whose it is, how long to wait, and how to change it", async () => {
    const { guard, clock } = setUp({ limits: ["2/minute per user"] });
    await admitted(guard, 2, { user: "u-1" });
    clock.advance(10_000);
    const error = await refusalOf(begin(guard, { user: "u-1" }));
    expect(error.code).toBe("BR4001");
    expect(error.scope).toBe("limit:2/minute per user");
    expect(error.message).toMatch(/user=u-1.*2 calls at once.*each 30000 ms.*Wait 20000 ms.*raise/);
    expect(error.details).toMatchObject({ allowed: 2, retryAfterMs: 20_000, key: "user=u-1" });
    clock.advance(19_999);
    expect(await admitted(guard, 1, { user: "u-1" })).toBe(0);
    clock.advance(1);
    expect(await admitted(guard, 1, { user: "u-1" })).toBe(1);
  });

  it("is not used by calls that a later step refuses", async () => {
    const options: GuardOptions = { limits: ["2/minute"], budgets: ["1 calls/hour"] };
    const { guard } = setUp(options);
    await spend(guard);
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR2001");
    }
    await guard.setBudget("1 calls/hour", { limit: { calls: 9 } }, { reason: "r", by: "me" });
    expect(await admitted(guard, 5)).toBe(1);
  });

  it("does not care how the wall clock jumps", async () => {
    const { guard, clock } = setUp({ limits: ["2/hour"] });
    await admitted(guard, 2);
    clock.setWall(clock.wallMs() + 86_400_000);
    expect(await admitted(guard, 1)).toBe(0);
    clock.setWall(0);
    clock.advance(1_800_000);
    expect(await admitted(guard, 5)).toBe(1);
  });
});

describe("calls at once", () => {
  it("are as many as allowed of 10,000 that begin together", async () => {
    const { guard } = setUp({ limits: ["7 at once"] });
    const begun = await Promise.allSettled(Array.from({ length: 10_000 }, () => begin(guard)));
    const permits = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(permits).toHaveLength(7);
    expect(await codeOf(begin(guard))).toBe("BR4002");
    await permits[0]?.settle(used(1, 1));
    expect(await codeOf(begin(guard))).toBeUndefined();
    expect(await codeOf(begin(guard))).toBe("BR4002");
  });

  it("are as many as allowed of 10,000 whose policy takes its time", async () => {
    const policy = { decide: async () => ({ outcome: "allow" }) };
    const { guard } = setUp({ limits: ["7 at once per user"], policy });
    const users = ["a", "b", "c"];
    const begun = await Promise.allSettled(
      Array.from({ length: 10_000 }, (_, i) => begin(guard, { user: users[i % 3] as string })),
    );
    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(21);
  });

  it("give their place back once, whatever their end", async () => {
    const { guard, clock } = setUp({ limits: ["1 at once"], budgets: ["10 calls/day"] });
    const ends: ((call: Awaited<ReturnType<typeof begin>>) => unknown)[] = [
      (call) => call.settle(used(1, 1)),
      (call) => call.fail(new Error("no")),
      (call) => call.release(),
      (call) => Promise.all([call.settle(used(1, 1)), call.release(), call.fail(0)]),
      () => clock.advance(3_600_000),
    ];
    for (const end of ends) {
      const call = await begin(guard);
      call.dispatched();
      expect(await codeOf(begin(guard))).toBe("BR4002");
      await end(call);
      await settled();
    }
    const last = await begin(guard);
    expect(await codeOf(begin(guard))).toBe("BR4002");
    await last.release();
  });

  it("give their place back when a later step refuses, or the caller leaves", async () => {
    const { guard } = setUp({ limits: ["1 at once"], budgets: ["1 calls/day"] });
    await spend(guard);
    expect(await codeOf(begin(guard))).toBe("BR2001");
    expect(await codeOf(begin(guard))).toBe("BR2001");
    const caller = new AbortController();
    const policy = { decide: () => new Promise<never>(() => {}) };
    const waiting = setUp({ limits: ["1 at once"], policy }).guard;
    const first = waiting.begin(model(1, 1, { signal: caller.signal }));
    caller.abort(new Error("gone"));
    await expect(first).rejects.toThrow("gone");
  });
});

describe("calls of a session", () => {
  it("are counted anew after that time, however many calls a budget refused meanwhile", async () => {
    const { guard, clock } = setUp({
      budgets: ["100 tokens/day"],
      limits: [{ calls: 3, per: "session", ttlMs: 60_000 }],
    });
    const who = { session: "s" };
    expect(await admitted(guard, 2, who)).toBe(2);
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(50_000);
      const refusal = await refusalOf(begin(guard, who, model(1_000, 1_000)));
      expect(refusal.code).toBe("BR2001");
    }
    expect(await admitted(guard, 5, who)).toBe(3);
  });

  it("are counted until the session was idle for its time to live", async () => {
    const rule = { calls: 3, per: "session", ttlMs: 60_000 } as const;
    const { guard, clock } = setUp({ limits: [rule] });
    const who = { session: "s-1" };
    expect(await admitted(guard, 2, who)).toBe(2);
    clock.advance(59_999);
    expect(await admitted(guard, 5, who)).toBe(1);
    clock.advance(20_000);
    const error = await refusalOf(begin(guard, who));
    expect([error.code, error.details["retryAfterMs"]]).toEqual(["BR4001", 40_000]);
    clock.advance(40_000);
    expect(await admitted(guard, 5, who)).toBe(3);
  });

  it("are counted for each tool apart when it says so, and models are not", async () => {
    const { guard } = setUp({ limits: ["2 calls per session per tool"] });
    const who = { session: "s-1" };
    expect(await admitted(guard, 5, who, tool("search"))).toBe(2);
    expect(await admitted(guard, 5, who, tool("fetch"))).toBe(2);
    expect(await admitted(guard, 5, { session: "s-2" }, tool("search"))).toBe(2);
    expect(await admitted(guard, 5, who, model(1, 1))).toBe(5);
    const error = await refusalOf(begin(guard, who, tool("search")));
    expect(error.message).toContain("(session=s-1, tool=search)");
    expect(error.message).toContain("Begin another session, or let this one rest for 24 hours");
  });

  it("do not include those that were never sent", async () => {
    const { guard } = setUp({ limits: ["1 calls per session"] });
    await (await begin(guard, { session: "s" })).release();
    expect(await admitted(guard, 5, { session: "s" })).toBe(1);
  });

  it("share one count without a session, which is said once", async () => {
    const { guard } = setUp({ limits: ["2 calls per session"] });
    const warnings: string[] = [];
    guard.on("warning", ({ message }) => warnings.push(message));
    expect(await admitted(guard, 5)).toBe(2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/split by session.*"\(none\)"/);
  });

  it("count what a listener calls while the guard warns of them", async () => {
    const { guard } = setUp({ limits: ["3 calls per session", "9 at once"] });
    const inner: Promise<unknown>[] = [];
    guard.on("warning", () => inner.push(guard.begin(model(1, 1))));
    expect(await admitted(guard, 5)).toBe(2);
    expect(inner).toHaveLength(1);
    expect((await refusalOf(begin(guard))).scope).toBe("limit:3 calls per session");
  });
});

describe("calls and steps of a task", () => {
  it("end with the task, and nested tasks count for those around them", async () => {
    const { guard } = setUp({ limits: ["3 calls per task"] });
    await guard.task({ name: "outer" }, async () => {
      await guard.task({ name: "inner" }, async () => expect(await admitted(guard, 2)).toBe(2));
      await guard.task({ name: "inner" }, async () => expect(await admitted(guard, 2)).toBe(1));
      expect((await refusalOf(begin(guard))).details["retryAfterMs"]).toBeNull();
    });
    await guard.task({ name: "next" }, async () => expect(await admitted(guard, 9)).toBe(3));
  });

  it("count model calls only, as steps", async () => {
    const { guard } = setUp({ limits: ["2 steps per task"] });
    await guard.task({ name: "t" }, async () => {
      expect(await admitted(guard, 5, {}, tool("search"))).toBe(5);
      expect(await admitted(guard, 5)).toBe(2);
      const error = await refusalOf(begin(guard));
      expect(error.message).toMatch(/2 model calls are allowed in a task.*Begin another task/);
    });
  });
});

describe("what a task without an organisation has counted", () => {
  it("is forgotten where the guard says, and in no other organisation", async () => {
    const limits = createLimits(["1 calls per task"]);
    let end: TaskEndListener = () => undefined;
    const { clock } = setUp();
    const host = { clock, emit: () => undefined, on: () => () => undefined, warn: () => undefined };
    limits.attach({ ...host, onTaskEnd: (listener) => (end = listener) });
    const code = (org: string): unknown => {
      const request = { ...call(1, "u"), context: { org, task: "t-1" }, tasks: ["t-1"] };
      const refusal = limits.look(request) ?? limits.acquire(request);
      return refusal !== undefined && "code" in refusal ? refusal.code : undefined;
    };
    expect([code("acme"), code("globex")]).toEqual([undefined, undefined]);
    end("t-1", undefined);
    expect([code("acme"), code("globex")]).toEqual(["BR4001", "BR4001"]);
    end("t-1", "acme");
    expect([code("acme"), code("globex")]).toEqual([undefined, "BR4001"]);
  });
});

describe("what several guards with the same limits have counted of one task", () => {
  it("is forgotten with it, in whichever organisation and through whichever guard", async () => {
    const limits = createLimits({
      rules: ["1 calls per task"],
      repeatedToolCall: { alertAt: 2, refuseAt: 3 },
    });
    const ids = { next: () => "same" };
    const { guard: one } = setUp({ limits, ids });
    const { guard: other } = setUp({ limits });
    const codes = () =>
      one.task({ name: "job" }, () =>
        other.with({ org: "acme" }, async () => {
          const asked: unknown[] = [];
          for (let turn = 0; turn < 3; turn++) asked.push(await codeOf(spend(other, tool("read"))));
          return asked;
        }),
      );
    const first = await codes();
    expect(first).toEqual([undefined, "BR4001", "BR4003"]);
    expect(await codes()).toEqual(first);
  });
});

describe("limits of several tenants", () => {
  it.each(["2/hour per user", "2/hour per agent", "2 calls per session"])(
    "%s: the same name in another org is somebody else",
    async (rule) => {
      const { guard } = setUp({ limits: [rule] });
      const who = { user: "u", agent: "a", session: "s" };
      expect(await admitted(guard, 5, { org: "acme", ...who })).toBe(2);
      expect(await admitted(guard, 5, { org: "other", ...who })).toBe(2);
    },
  );

  it("share what has one name for all: a provider", async () => {
    const { guard } = setUp({ limits: ["3/hour per provider"] });
    expect(await admitted(guard, 2, { org: "acme" })).toBe(2);
    expect(await admitted(guard, 2, { org: "other" })).toBe(1);
  });

  it("are never confused by names made to look like others", async () => {
    const { guard } = setUp({ limits: ["1 calls per session per tool"] });
    expect(await admitted(guard, 2, { session: "a b" }, tool("c"))).toBe(1);
    expect(await admitted(guard, 2, { session: "a" }, tool("b c"))).toBe(1);
    expect(await admitted(guard, 2, { session: "1 a" }, tool("b"))).toBe(1);
  });
});

describe("what a limit covers", () => {
  it("is what it matches: models, tools, providers, agents", async () => {
    const limits = [{ id: "opus", concurrency: 1, match: { model: "gpt-5*", agent: "planner" } }];
    const { guard } = setUp({ limits });
    const open = await begin(guard, { agent: "planner/researcher" });
    expect(await codeOf(begin(guard, { agent: "planner" }))).toBe("BR4002");
    expect(await codeOf(begin(guard, { agent: "other" }))).toBeUndefined();
    expect(await codeOf(begin(guard, { agent: "planner" }, tool("gpt-5")))).toBeUndefined();
    await open.release();
  });

  it("knows a provider by the name of its prices, too", async () => {
    const limits = [{ concurrency: 1, match: { provider: "openai" } }];
    const { guard } = setUp({ limits });
    await guard.begin(model(1, 1, { provider: "openai.chat" }));
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR4002");
  });

  it("is all or nothing: a call that one limit refuses uses none of the others", async () => {
    const { guard } = setUp({ limits: ["5/hour", "1 at once", "5 calls per session"] });
    const open = await begin(guard);
    for (let index = 0; index < 9; index++) expect(await codeOf(begin(guard))).toBe("BR4002");
    await open.settle(used(1, 1));
    expect(await admitted(guard, 9)).toBe(4);
  });

  it("is a sub-agent's calls for its parents, too", async () => {
    const { guard } = setUp({ limits: ["2/hour per agent"] });
    expect(await admitted(guard, 2, { agent: "a/b" })).toBe(2);
    expect(await admitted(guard, 2, { agent: "a" })).toBe(0);
    expect(await admitted(guard, 2, { agent: "a/c" })).toBe(0);
    expect(await admitted(guard, 2, { agent: "c" })).toBe(2);
  });
});

describe("an evaluator's own calls", () => {
  async function judged(limits: GuardOptions["limits"]) {
    const codes: (string | undefined)[] = [];
    const { guard } = setUp({
      limits: limits as [],
      evaluators: [
        {
          name: "judge",
          on: "model",
          mode: "inline",
          evaluate: async () => {
            codes.push(await codeOf(begin(guard)));
            return { passed: true };
          },
        },
      ],
    });
    for (let index = 0; index < 2; index++) await spend(guard);
    return codes;
  }

  it("are not the agent's: its limits leave them alone", async () => {
    expect(await judged(["2/hour"])).toEqual([undefined, undefined]);
  });

  it("have limits of their own when these say so", async () => {
    const rate = { calls: 1, per: "hour" } as const;
    expect(await judged([{ rate, match: { purpose: "evaluation" } }])).toEqual([
      undefined,
      "BR4001",
    ]);
  });
});

describe("delegation", () => {
  const path = (depth: number): string =>
    Array.from({ length: depth + 1 }, (_, index) => `a${index}`).join("/");

  it("is refused where more than 16 agents stand above, without any configuration", async () => {
    const { guard } = setUp();
    expect(await codeOf(begin(guard, { agent: path(16) }))).toBeUndefined();
    const error = await refusalOf(begin(guard, { agent: path(17) }));
    expect(error.code).toBe("BR4004");
    expect(error.message).toMatch(/17 agents stand above.*16 are allowed.*maxDelegationDepth/);
    expect(await codeOf(begin(guard, { agent: path(17) }))).toBe("BR4004");
  });

  it("goes as deep as configured", async () => {
    const { guard } = setUp({ limits: { maxDelegationDepth: 1 } });
    expect(await codeOf(begin(guard, { agent: path(1) }))).toBeUndefined();
    expect(await codeOf(begin(guard, { agent: path(2) }))).toBe("BR4004");
  });
});
