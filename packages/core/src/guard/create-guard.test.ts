import { describe, expect, it } from "vitest";
import type { CallRecord } from "../call/call-record.ts";
import { EvaluationFailedError } from "../errors/evaluation-failed-error.ts";
import { findGuardError } from "../errors/find-guard-error.ts";
import { providerPrices } from "../testing/adapter-contract/provider-prices.ts";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createGuard } from "./create-guard.ts";
import type { Guard } from "./guard.ts";
import type { GuardOptions } from "./options.ts";

const RATES = { input: 250, output: 2_000 }; // gpt-5-mini, nano-dollars a token

function setUp(options: GuardOptions = {}) {
  const clock = createFakeClock();
  const guard = createGuard({ prices: providerPrices, clock, ...options });
  return { clock, guard };
}

function model(inputTokens: number, maxOutputTokens?: number) {
  const estimate =
    maxOutputTokens === undefined ? { inputTokens } : { inputTokens, maxOutputTokens };
  return { kind: "model" as const, provider: "openai", name: "gpt-5-mini", estimate };
}

async function codeOf(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run;
    return undefined;
  } catch (error) {
    return findGuardError(error)?.code;
  }
}

async function account(guard: Guard) {
  const [first] = await guard.budgets();
  if (first === undefined) throw new Error("no account");
  return first;
}

const KILL = { reason: "test", by: "me" };

describe("a budget under concurrency", () => {
  it("is never exceeded by 10,000 calls at once, and holds nothing afterwards", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    let admitted = 0;
    const one = async (): Promise<void> => {
      const permit = await guard.begin(model(1_000, 4_875)).catch(() => undefined);
      if (permit === undefined) return;
      admitted++;
      permit.dispatched();
      const { settled, held, leased, unknown, limit } = await account(guard);
      expect(settled + held + leased + unknown).toBeLessThanOrEqual(limit);
      await permit.settle({ usage: { inputTokens: 1_000, outputTokens: 3_000 } });
    };
    await Promise.all(Array.from({ length: 10_000 }, one));
    const { settled, held } = await account(guard);
    expect(held).toBe(0);
    expect(settled).toBe(admitted * (1_000 * RATES.input + 3_000 * RATES.output));
    expect(admitted).toBeGreaterThan(90);
  });

  it("admits 20 of 20 small calls that fit, between big ones that are refused", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    let small = 0;
    for (let index = 0; index < 20; index++) {
      expect(await codeOf(guard.begin(model(0, 1_000_000)))).toBe("BR2001");
      const permit = await guard.begin(model(0, 1_000));
      permit.dispatched();
      await permit.settle({ usage: { inputTokens: 0, outputTokens: 1_000 } });
      small++;
    }
    expect(small).toBe(20);
  });

  it("lets calls wait, first in first out, for money that is only held", async () => {
    const { guard } = setUp({ budgets: ["$0.01"], onHeld: "wait" });
    const first = await guard.begin(model(0, 5_000));
    const order: string[] = [];
    const waiting = ["a", "b"].map(async (name) => {
      const permit = await guard.begin(model(0, 5_000));
      order.push(name);
      await permit.release();
    });
    await first.release();
    await Promise.all(waiting);
    expect(order).toEqual(["a", "b"]);
  });
});

describe("a call's end", () => {
  it("counts once: the first of settle, fail and release", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const record = await permit.settle({ usage: { inputTokens: 10, outputTokens: 2 } });
    expect(await permit.fail(new Error("late"))).toBe(record);
    expect(await permit.release()).toBe(record);
    expect((await account(guard)).settled).toBe(10 * RATES.input + 2 * RATES.output);
  });

  it.each([
    undefined,
    { inputTokens: Number.NaN, outputTokens: 1 },
    { inputTokens: -5, outputTokens: 1 },
    { inputTokens: 0.5, outputTokens: 1 },
    { inputTokens: 1e300, outputTokens: 1 },
  ])("without usable usage (%o) is charged its whole reservation", async (usage) => {
    const { guard } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const record = await permit.settle(usage === undefined ? {} : { usage });
    expect(record.usageSource).toBe("estimated");
    expect(record.costNanoUsd).toBe(record.reservedNanoUsd);
  });

  it("is free when the provider refused it, and charged when nobody knows", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const costs: (number | undefined)[] = [];
    for (const error of [{ status: 429 }, { status: 504 }, new Error("boom")]) {
      const permit = await guard.begin(model(10, 10));
      permit.dispatched();
      costs.push((await permit.fail(error)).costNanoUsd);
    }
    const whole = 10 * RATES.input + 10 * RATES.output;
    expect(costs).toEqual([0, whole, whole]);
  });

  it("above its reservation is recorded in truth, and stops new work", async () => {
    const { guard } = setUp({ budgets: ["$0.01"] });
    const permit = await guard.begin(model(0, 10));
    permit.dispatched();
    await permit.settle({ usage: { inputTokens: 0, outputTokens: 6_000 } });
    expect(await account(guard)).toMatchObject({ settled: 12_000_000, state: "over" });
    expect(await codeOf(guard.begin(model(0, 1)))).toBe("BR2001");
  });

  it("comes from the sweeper when nothing else ends it, and a late settle corrects it once", async () => {
    const { guard, clock } = setUp({ budgets: ["$1"] });
    await guard.begin(model(10, 10));
    const sent = await guard.begin(model(10, 10));
    sent.dispatched();
    clock.advance(120_000);
    expect(await account(guard)).toMatchObject({ held: 10 * 250 + 10 * 2_000 });
    clock.advance(1_200_000);
    expect(await account(guard)).toMatchObject({ held: 0, unknown: 22_500 });
    await sent.settle({ usage: { inputTokens: 10, outputTokens: 1 } });
    expect(await account(guard)).toMatchObject({ unknown: 0, settled: 4_500 });
  });
});

describe("the kill switch", () => {
  it.each([
    ["everything" as const],
    [{ agent: "planner" }],
    [{ org: "acme" }],
    [{ session: "s-1" }],
    [{ model: "gpt-5*" }],
    [{ provider: "openai" }],
    [{ budget: "$1" }],
  ])("covers %o, sticks, and ends with a revive", async (target) => {
    const { guard } = setUp({ budgets: ["$1"] });
    const context = { org: "acme", session: "s-1", agent: "planner/researcher" };
    const begin = () => guard.with(context, () => guard.begin(model(1, 1)));
    const { id } = await guard.kill(target, KILL);
    expect(await codeOf(begin())).toBe("BR1001");
    expect(await codeOf(begin())).toBe("BR1001");
    await guard.revive(id, KILL);
    expect(await codeOf(begin())).toBeUndefined();
  });

  it("does not cover another agent whose name begins alike", async () => {
    const { guard } = setUp();
    await guard.kill({ agent: "plan" }, KILL);
    const begin = guard.with({ agent: "planner" }, () => guard.begin(model(1, 1)));
    expect(await codeOf(begin)).toBeUndefined();
  });

  it("stops a call between begin and dispatch, and gives its money back", async () => {
    const { guard } = setUp({ budgets: ["$1"] });
    const permit = await guard.begin(model(10, 10));
    await guard.kill("everything", { ...KILL, level: "stop" });
    expect(() => permit.dispatched()).toThrow(/BR1001/);
    expect((await account(guard)).held).toBe(0);
  });

  it("cuts a call in flight at level abort, and tells how many", async () => {
    const { guard } = setUp();
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const { signal } = permit;
    const receipt = await guard.kill("everything", KILL);
    expect(receipt.aborted).toBe(1);
    expect(findGuardError(signal.reason)?.code).toBe("BR1001");
    expect((await permit.fail(signal.reason)).outcome).toBe("killed");
  });

  it("lets running tasks finish at level drain, and no new one begin", async () => {
    const { guard } = setUp();
    await guard.task({}, async () => {
      await guard.kill("everything", { ...KILL, level: "drain" });
      expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
    });
    expect(await codeOf(guard.task({}, () => guard.begin(model(1, 1))))).toBe("BR1001");
  });

  it("ends by its time to live, whatever the wall clock does", async () => {
    const { guard, clock } = setUp();
    await guard.kill("everything", { ...KILL, ttlMs: 1_000 });
    clock.setWall(clock.wallMs() + 1e9);
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    clock.advance(1_000);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
  });

  it("refuses an empty scope, a misspelt one, a missing reason, and who may not", async () => {
    const { guard } = setUp({ authorize: ({ by }) => by === "boss" });
    expect(await codeOf(guard.kill({}, KILL))).toBe("BR9001");
    await expect(guard.kill({ agnet: "x" } as never, KILL)).rejects.toThrow(/agent/);
    expect(await codeOf(guard.kill("everything", { by: "me" } as never))).toBe("BR9001");
    expect(await codeOf(guard.kill("everything", KILL))).toBe("BR3001");
    expect(guard.kills()).toEqual([]);
  });
});

describe("windows and thresholds", () => {
  it("settle a call to the window in which it began", async () => {
    const { guard, clock } = setUp({ budgets: ["$1/day"] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    clock.advance(13 * 3_600_000);
    await permit.settle({ usage: { inputTokens: 10, outputTokens: 10 } });
    expect(await account(guard)).toMatchObject({ settled: 0, held: 0 });
  });

  it("are not refunded by a wall clock that steps back over midnight", async () => {
    const { guard, clock } = setUp({ budgets: ["$0.00002/day"] });
    clock.advance(12 * 3_600_000);
    const permit = await guard.begin(model(0, 10));
    permit.dispatched();
    await permit.settle({ usage: { inputTokens: 0, outputTokens: 10 } });
    clock.setWall(clock.wallMs() - 600_000);
    expect(await codeOf(guard.begin(model(0, 10)))).toBe("BR2001");
  });

  it("follow setBudget at once, in the middle of a window", async () => {
    const { guard } = setUp({ budgets: [{ id: "b", limit: { calls: 1 }, window: "day" }] });
    await (await guard.begin(model(1, 1))).settle({ usage: { inputTokens: 1, outputTokens: 1 } });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR2001");
    await guard.setBudget("b", { limit: { calls: 2 } }, KILL);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
  });

  it("kill an account at its threshold until it is revived", async () => {
    const at = [{ fraction: 0.5, do: "kill" as const }];
    const { guard } = setUp({ budgets: [{ id: "b", limit: { calls: 2 }, window: "total", at }] });
    await (await guard.begin(model(1, 1))).settle({ usage: { inputTokens: 1, outputTokens: 1 } });
    expect(await codeOf(guard.begin(model(1, 1)))).toBe("BR1001");
    await guard.revive(guard.kills()[0]?.id ?? "", KILL);
    expect(await codeOf(guard.begin(model(1, 1)))).toBeUndefined();
  });

  it("charge a nested task to the tasks around it", async () => {
    const { guard } = setUp({ budgets: ["1 call/task"] });
    const nested = guard.task({}, async () => {
      for (let index = 0; index < 2; index++) {
        await guard.task({}, async () => {
          await (await guard.begin(model(1, 1))).settle();
        });
      }
    });
    expect(await codeOf(nested)).toBe("BR2001");
  });
});

describe("the output bound", () => {
  it("shrinks to what is left, and never below 256 tokens", async () => {
    const { guard } = setUp({ budgets: ["$0.002"] });
    const first = await guard.begin(model(0));
    expect(first.maxOutputTokens).toBe(1_000);
    expect(await codeOf(guard.begin(model(0)))).toBe("BR2001");
  });

  it("is not touched when no budget needs one", async () => {
    const { guard } = setUp({ budgets: ["10 calls"] });
    expect((await guard.begin(model(0))).maxOutputTokens).toBeUndefined();
  });
});

describe("evaluators", () => {
  const judged = async (evaluate: () => never, clockMs = 0): Promise<unknown> => {
    const required = { name: "safety", on: "model", required: true, evaluate } as const;
    const { guard, clock } = setUp({ budgets: ["$1"], evaluators: [required] });
    const permit = await guard.begin(model(10, 10));
    permit.dispatched();
    const settling = permit
      .settle({ usage: { inputTokens: 10, outputTokens: 1 }, output: "x" })
      .catch((error: unknown) => error);
    await Promise.resolve();
    clock.advance(clockMs);
    const error = await settling;
    expect((await account(guard)).settled).toBe(4_500);
    return error;
  };

  it.each([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["returns nothing", () => undefined],
    ["returns a score that is no number", () => ({ passed: true, score: Number.NaN })],
    ["is unsure", () => ({})],
    ["fails", () => ({ passed: false })],
  ])("never pass when one %s, and the money is committed first", async (_, evaluate) => {
    const error = await judged(evaluate as () => never);
    expect(error).toBeInstanceOf(EvaluationFailedError);
    expect((error as EvaluationFailedError).record?.usage.outputTokens).toBe(1);
  });

  it("never pass when one hangs", async () => {
    const error = await judged((() => new Promise(() => {})) as () => never, 10_000);
    expect(error).toMatchObject({ code: "BR6001", details: { status: "timeout" } });
  });

  it("that call the guarded model are metered apart, and not evaluated themselves", async () => {
    let runs = 0;
    const records: CallRecord[] = [];
    const guard: Guard = createGuard({
      evaluators: [
        {
          name: "judge",
          on: "model",
          evaluate: async () => {
            runs++;
            await guard.run(model(1, 1), () => ({ value: 1 }));
            return { passed: true };
          },
        },
      ],
    });
    guard.on("call-settled", (record) => records.push(record));
    await guard.run(model(1, 1), () => ({ value: 1, output: "x" }));
    expect(runs).toBe(1);
    expect(records.map(({ purpose }) => purpose)).toEqual(["evaluation", "agent"]);
  });
});

describe("a wrong option", () => {
  it.each([
    [{ budgetz: [] }, /budgets/],
    [{ budgets: ["$5/dya"] }, /day/],
    [{ onHeld: "wiat" }, /wait/],
    [{ evaluators: [{ name: "a", on: "modle", evaluate: () => ({}) }] }, /model/],
  ])("%o is refused with the nearest spelling", (options, message) => {
    expect(() => createGuard(options as never)).toThrow(message);
  });
});
