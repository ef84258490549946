import { describe, expect, it } from "vitest";
import { answer, scripted, settled } from "./test-fixture.ts";

const given = { output: "The moon is far." };

function failing(fields: object): Error {
  return Object.assign(new Error("a secret of the provider"), fields);
}

describe("a judge that fails", () => {
  it("by hanging is given up at its deadline, and its call aborted", async () => {
    const { judge, asked, clock } = scripted(["hang"], { deadlineMs: 1_000 });
    const verdict = expect(judge.evaluate(given)).rejects.toMatchObject({ kind: "timeout" });
    await settled();
    clock.advance(999);
    expect(asked[0]?.signal.aborted).toBe(false);
    clock.advance(1);
    await verdict;
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(judge.figures()).toMatchObject({ calls: 1, timeouts: 1, failed: 0 });
  });

  it("does not keep its turn for ever when it ignores the deadline", async () => {
    const { judge, clock } = scripted(["hang", answer("pass")], {
      deadlineMs: 1_000,
      concurrency: 1,
    });
    const first = expect(judge.evaluate(given)).rejects.toMatchObject({ kind: "timeout" });
    await settled();
    clock.advance(1_000);
    await first;
    expect(await judge.evaluate({ output: "Another." })).toMatchObject({ passed: true });
  });

  it("has its turn again after a caller that left just then", async () => {
    const { judge } = scripted([answer("pass")], { concurrency: 1 });
    for (const moments of [0, 1, 2, 3]) {
      const caller = new AbortController();
      const left = judge.evaluate({ output: `Text ${moments}.`, signal: caller.signal });
      for (let moment = 0; moment < moments; moment++) await Promise.resolve();
      caller.abort();
      await left.catch(() => {});
    }
    const { calls } = judge.figures();
    const verdict = judge.evaluate(given);
    await settled();
    expect(judge.figures().calls).toBe(calls + 1);
    expect(await verdict).toMatchObject({ passed: true });
  });

  it.each<[string, object, number]>([
    ["a 500", { statusCode: 500 }, 250],
    ["a 503 of another client", { status: 503 }, 250],
    ["no connection", {}, 250],
    ["a 429", { statusCode: 429, responseHeaders: { "retry-after": "2" } }, 2_000],
    [
      "a 429 of another client",
      { status: 429, headers: new Headers({ "retry-after": "1" }) },
      1_000,
    ],
  ])("with %s is asked once more, not before it wants", async (_, fields, waitMs) => {
    const { judge, asked, clock } = scripted([failing(fields), answer("pass")]);
    const verdict = judge.evaluate(given);
    await settled();
    clock.advance(waitMs - 1);
    await settled();
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(await verdict).toMatchObject({ passed: true });
    expect(judge.figures()).toMatchObject({ calls: 2, retries: 1, failed: 1 });
  });

  it.each<[string, object]>([
    ["a wrong key", { statusCode: 401 }],
    ["a wrong request", { status: 400 }],
    ["a wait beyond the deadline", { statusCode: 429, responseHeaders: { "retry-after": "60" } }],
  ])("with %s is not asked again, and its words stay in the cause", async (_, fields) => {
    const { judge, asked } = scripted([failing(fields)], { retries: 3 });
    const error = await judge.evaluate(given).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "JudgeError", kind: "provider" });
    expect(String(error)).not.toContain("secret");
    expect(String((error as Error).cause)).toContain("secret");
    expect(asked).toHaveLength(1);
  });

  it("because its caller leaves is aborted", async () => {
    const { judge, asked } = scripted(["hang"]);
    const controller = new AbortController();
    const verdict = judge.evaluate({ ...given, signal: controller.signal });
    await settled();
    controller.abort();
    await expect(verdict).rejects.toMatchObject({ kind: "aborted" });
    await settled();
    expect(asked[0]?.signal.aborted).toBe(true);
    await expect(judge.evaluate({ ...given, signal: controller.signal })).rejects.toMatchObject({
      kind: "aborted",
    });
    expect(asked).toHaveLength(1);
  });
});

describe("the same question", () => {
  it("asked twice at once is asked once, and goes on while anybody waits", async () => {
    let reply = (_: { text: string }): void => {};
    const asked: AbortSignal[] = [];
    const { judge } = scripted([], {
      model: ({ signal }) => {
        asked.push(signal);
        return new Promise((resolve) => {
          reply = resolve;
        });
      },
    });
    const leaving = new AbortController();
    const first = expect(
      judge.evaluate({ ...given, signal: leaving.signal }),
    ).rejects.toMatchObject({ kind: "aborted" });
    const second = judge.evaluate(given);
    await settled();
    leaving.abort();
    await first;
    expect(asked[0]?.aborted).toBe(false);
    reply({ text: answer("pass") });
    expect(await second).toMatchObject({ passed: true });
    expect(asked).toHaveLength(1);
    expect(judge.figures()).toMatchObject({ calls: 1, shared: 1 });
  });

  it("is answered from the cache, until that is too old, and another one is not", async () => {
    const { judge, asked, clock } = scripted([answer("pass")], { cache: { ttlMs: 1_000 } });
    const [first, again] = [await judge.evaluate(given), await judge.evaluate(given)];
    expect(again).toEqual(first);
    expect(asked).toHaveLength(1);
    await judge.evaluate({ output: "The moon is near." });
    expect(asked).toHaveLength(2);
    clock.advance(1_000);
    await judge.evaluate(given);
    expect(asked).toHaveLength(3);
    expect(judge.figures()).toMatchObject({ calls: 3, cached: 1 });
  });

  it("is asked again where the least recently used one had to go, or nothing is kept", async () => {
    const { judge, asked } = scripted([answer("pass")], { cache: { maxEntries: 2 } });
    for (const output of ["a", "b", "a", "c", "a", "b"]) await judge.evaluate({ output });
    expect(asked).toHaveLength(4); // a, b, c, and b again
    const forgetful = scripted([answer("pass")], { cache: false });
    await forgetful.judge.evaluate(given);
    await forgetful.judge.evaluate(given);
    expect(forgetful.asked).toHaveLength(2);
  });

  it("is not kept without a verdict", async () => {
    const { judge } = scripted(["garbage", answer("pass")], { retries: 0 });
    await expect(judge.evaluate(given)).rejects.toMatchObject({ kind: "unreadable" });
    expect(await judge.evaluate(given)).toMatchObject({ passed: true });
  });
});

describe("a judge that costs too much", () => {
  const outputs = ["a", "b", "c", "d"].map((output) => ({ output }));
  const overBudget = { label: "inconclusive", reason: "over the judge's budget" };

  it("has no verdict until its window ends, and says so", async () => {
    const { judge, asked, clock } = scripted([{ text: answer("pass"), costUsd: 0.3 }], {
      budget: { usd: 0.65, perMs: 60_000 },
    });
    const verdicts = [];
    for (const output of outputs) verdicts.push(await judge.evaluate(output));
    expect(verdicts.map(({ passed }) => passed)).toEqual([true, true, undefined, undefined]);
    expect(verdicts[2]).toEqual(overBudget);
    expect(judge.figures()).toMatchObject({ calls: 2, overBudget: 2, costNanoUsd: 600_000_000 });
    clock.advance(60_000);
    expect(await judge.evaluate({ output: "c" })).toMatchObject({ passed: true });
    expect(asked).toHaveLength(3);
  });

  it("is not asked many times at once for what only a few can cost", async () => {
    const { judge, asked } = scripted([{ text: answer("pass"), costUsd: 0.3 }], {
      budget: { usd: 1, perMs: 60_000 },
    });
    await judge.evaluate({ output: "first" }); // now its price is known
    const verdicts = await Promise.all(outputs.map((output) => judge.evaluate(output)));
    expect(verdicts.filter(({ passed }) => passed)).toHaveLength(2);
    expect(asked).toHaveLength(3);
  });

  it("counts calls, retries among them", async () => {
    const { judge, asked, clock } = scripted(["garbage"], {
      budget: { calls: 2, perMs: 60_000 },
      retries: 3,
    });
    const verdict = judge.evaluate(given);
    await settled();
    clock.advance(250);
    await settled();
    clock.advance(500);
    expect(await verdict).toEqual(overBudget);
    expect(asked).toHaveLength(2);
  });

  it("takes an answer of unknown price for the whole budget, never for nothing", async () => {
    for (const costUsd of [undefined, Number.NaN, -1]) {
      const reply = { text: answer("pass"), ...(costUsd !== undefined && { costUsd }) };
      const { judge } = scripted([reply], { budget: { usd: 1, perMs: 60_000 } });
      expect(await judge.evaluate({ output: "a" })).toMatchObject({ passed: true });
      expect(await judge.evaluate({ output: "b" })).toEqual(overBudget);
      expect(judge.figures()).toMatchObject({ unpriced: 1, costNanoUsd: 0 });
    }
  });

  it("is priced by its usage", async () => {
    const usage = { inputTokens: 1_000, outputTokens: 10 };
    const { judge } = scripted([{ text: answer("pass"), usage }], {
      priceOf: ({ inputTokens, outputTokens }) => inputTokens * 1e-6 + outputTokens * 1e-5,
    });
    await judge.evaluate(given);
    expect(judge.figures()).toMatchObject({ costNanoUsd: 1_100_000, unpriced: 0 });
  });
});

describe("many questions at once", () => {
  it("are asked a few at a time, and those beyond the queue not at all", async () => {
    let most = 0;
    let now = 0;
    const { judge } = scripted([], {
      concurrency: 2,
      model: async () => {
        most = Math.max(most, ++now);
        await settled();
        now--;
        return { text: answer("pass") };
      },
    });
    const all = await Promise.all(
      Array.from({ length: 1_010 }, (_, at) => judge.evaluate({ output: `${at}` })),
    );
    expect(most).toBe(2);
    expect(all.filter(({ passed }) => passed).length).toBe(1_002);
    expect(judge.figures()).toMatchObject({ calls: 1_002, crowdedOut: 8 });
  });
});
