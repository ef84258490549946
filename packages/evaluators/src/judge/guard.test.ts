import {
  type CallRecord,
  createGuard,
  type Evaluator,
  findGuardError,
  type Guard,
} from "@burnrate/core";
import { createFakeClock } from "@burnrate/core/testing";
import { describe, expect, it, vi } from "vitest";
import { createEvaluationSlis } from "../sli/evaluation-slis.ts";
import type { JudgeFunction } from "./judge-model.ts";
import { jury } from "./jury.ts";
import { type ModelJudgeOptions, modelJudge } from "./model-judge.ts";
import { answer } from "./test-fixture.ts";

const call = { kind: "model", provider: "p", name: "agent-model", input: "How far?" } as const;
const run = (guard: Guard) =>
  guard.run(call, async () => ({
    value: "ok",
    output: "384,400 km.",
    usage: { inputTokens: 1, outputTokens: 1 },
  }));

async function withGuard<T>(
  evaluators: Evaluator[],
  work: (guard: Guard, records: CallRecord[]) => T | Promise<T>,
): Promise<T> {
  const guard = createGuard({ evaluators });
  const records: CallRecord[] = [];
  guard.on("call-settled", (record) => records.push(record));
  try {
    return await work(guard, records);
  } finally {
    await guard.close();
  }
}

const judge = (model: JudgeFunction, options: Partial<ModelJudgeOptions> = {}) =>
  modelJudge({ model, rubric: "relevance", retries: 0, ...options });

describe("a required judge in a guard", () => {
  it("lets through what it passes, and records its verdict and nothing of the text", async () => {
    const passing = judge(() => ({ text: answer("pass", "384,400 km is said.") }), {
      required: true,
    });
    await withGuard([passing], async (guard, records) => {
      expect(await run(guard)).toBe("ok");
      expect(records[0]?.evaluations).toMatchObject([
        { evaluator: "relevance", status: "passed", label: "pass", score: 1 },
      ]);
      expect(JSON.stringify(records)).not.toContain("384,400");
    });
  });

  it.each<[string, JudgeFunction, Partial<ModelJudgeOptions>]>([
    ["fails it", () => ({ text: answer("fail") }), {}],
    ["answers garbage", () => ({ text: "PASS" }), {}],
    ["answers two objects", () => ({ text: answer("pass") + answer("pass") }), {}],
    ["answers NaN", () => ({ text: answer("pass"), probability: Number.NaN }), {}],
    ["contradicts itself", () => ({ text: answer("pass"), probability: 0.1 }), {}],
    ["throws", () => Promise.reject(new Error("500")), {}],
    ["hangs", () => new Promise(() => {}), { timeoutMs: 50 }],
    ["is not given what it needs", () => ({ text: answer("pass") }), { rubric: "correctness" }],
    ["is the model that wrote it", () => ({ text: answer("pass") }), { modelId: "agent-model" }],
    ["is given too long a text", () => ({ text: answer("pass") }), { maxChars: 5 }],
  ])("withholds what it %s", async (_, model, options) => {
    await withGuard([judge(model, { ...options, required: true })], async (guard) => {
      await expect(run(guard)).rejects.toMatchObject({ code: "BR6001" });
    });
  });

  it("withholds when its budget is used up, and when its own guard refuses it", async () => {
    const poor = judge(() => ({ text: answer("pass") }), {
      required: true,
      cache: false,
      budget: { calls: 1, perMs: 3_600_000 },
    });
    await withGuard([poor], async (guard) => {
      expect(await run(guard)).toBe("ok");
      await expect(run(guard)).rejects.toMatchObject({ code: "BR6001" });
    });
    const own = createGuard();
    await own.kill({ model: "judge-model" }, { reason: "t", by: "t", level: "stop" });
    const killed = judge(
      () =>
        own.run({ kind: "model", provider: "p", name: "judge-model" }, async () => ({
          value: { text: answer("pass") },
        })),
      { required: true, retries: 3 },
    );
    await withGuard([killed], async (guard) => {
      await expect(run(guard)).rejects.toMatchObject({ code: "BR6001" });
    });
    expect(killed.figures()).toMatchObject({ calls: 1, refused: 1, retries: 0 });
    const error = await Promise.resolve(killed.evaluate({ input: "q", output: "o" })).catch(
      (thrown: unknown) => thrown,
    );
    expect(findGuardError(error)?.code).toBe("BR1001");
    await own.close();
  });

  it("withholds what a jury without a quorum would pass", async () => {
    const judges = [
      judge(() => ({ text: answer("pass") })),
      judge(() => ({ text: "garbage" })),
      judge(() => Promise.reject(new Error("x"))),
    ];
    await withGuard([jury({ judges, required: true })], async (guard) => {
      await expect(run(guard)).rejects.toMatchObject({ code: "BR6001" });
    });
  });
});

describe("a judge of groundedness in a guard", () => {
  it("compares with the sources that the guard gathered, by itself and in a jury", async () => {
    const prompts: string[] = [];
    const model: JudgeFunction = ({ prompt }) => {
      prompts.push(prompt);
      return { text: answer("pass") };
    };
    const grounded = judge(model, { rubric: "groundedness", name: "alone", required: true });
    const judges = [1, 2].map((at) => judge(model, { rubric: "groundedness", name: `${at}` }));
    for (const evaluator of [grounded, jury({ judges, required: true })]) {
      await withGuard([evaluator], async (guard) => {
        await guard.task({}, async (task) => {
          task.addSources(["The moon is 384,400 km away."]);
          expect(await run(guard)).toBe("ok");
        });
      });
    }
    expect(prompts).toHaveLength(3);
    for (const prompt of prompts) expect(prompt).toContain("The moon is 384,400 km away.");
  });
});

describe("a judge in the background", () => {
  it("delays nothing, and is in the figures with its errors", async () => {
    let reply = (_: { text: string }): void => {};
    const waiting = judge(
      () =>
        new Promise((resolve) => {
          reply = resolve;
        }),
      { mode: "background" },
    );
    const slis = createEvaluationSlis();
    await withGuard([waiting], async (guard) => {
      slis.follow(guard);
      expect(await run(guard)).toBe("ok");
      expect(slis.figures("relevance")).toBeUndefined();
      await vi.waitFor(() => expect(waiting.figures().calls).toBe(1));
      reply({ text: "garbage" });
      await vi.waitFor(() => expect(slis.figures("relevance")).toBeDefined());
    });
    expect(slis.figures("relevance")?.errorRate).toMatchObject({ estimate: 1 });
    expect(slis.figures("relevance")?.coverage).toMatchObject({ estimate: 0 });
  });
});

describe("a judge's own call", () => {
  it("goes through the guard that its model is wrapped with, for evaluation, and is not judged", async () => {
    const usage = { inputTokens: 100, outputTokens: 20 };
    let guard: Guard | undefined;
    const wrapped: JudgeFunction = async () =>
      (guard as Guard).run({ kind: "model", provider: "p", name: "judge-model" }, async () => ({
        value: { text: answer("pass"), usage },
        usage,
        output: "x",
      }));
    const clock = createFakeClock();
    await withGuard([judge(wrapped, { clock })], async (made, records) => {
      guard = made;
      await run(made);
      expect(records.map(({ name, purpose }) => [name, purpose]).sort()).toEqual([
        ["agent-model", "agent"],
        ["judge-model", "evaluation"],
      ]);
      const { evaluations, usage: metered } =
        records.find(({ name }) => name === "judge-model") ?? {};
      expect(evaluations).toEqual([]);
      expect(metered).toMatchObject(usage);
    });
  });
});
