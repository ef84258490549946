import { guardModel } from "@burnrate/ai-sdk";
import { generateText, wrapLanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { createGuard } from "burnrate";
import { type Measured, median } from "./measure.ts";

const CALLS = 2_000;
const RUNS = 7;

function mockModel(): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    provider: "openai",
    modelId: "gpt-5",
    doGenerate: async () => ({
      content: [{ type: "text", text: "hello" }],
      finishReason: { unified: "stop", raw: "stop" },
      usage: {
        inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 3, text: 3, reasoning: 0 },
      },
      warnings: [],
    }),
  });
}

type Model = Parameters<typeof generateText>[0]["model"];

async function microsecondsACall(model: Model): Promise<number> {
  const startedMs = performance.now();
  for (let index = 0; index < CALLS; index++) await generateText({ model, prompt: "hi" });
  return ((performance.now() - startedMs) / CALLS) * 1_000;
}

function emptyHook(): Model {
  return wrapLanguageModel({
    model: mockModel(),
    middleware: { wrapGenerate: ({ doGenerate }) => doGenerate() },
  });
}

/** Interleaved with an empty hook of the same kind, and with that hook again as a control. */
export async function measureAiSdk(): Promise<Measured[]> {
  const guard = createGuard({ budgets: ["$1000000/day"], store: "memory" });
  const contenders = {
    bare: mockModel(),
    empty: emptyHook(),
    control: emptyHook(),
    guarded: guardModel(mockModel(), guard),
  };
  const times: Record<keyof typeof contenders, number[]> = {
    bare: [],
    empty: [],
    control: [],
    guarded: [],
  };
  const names = Object.keys(contenders) as (keyof typeof contenders)[];
  for (let run = -1; run < RUNS; run++) {
    for (const name of names) {
      const time = await microsecondsACall(contenders[name]);
      if (run >= 0) times[name].push(time);
    }
  }
  const difference = (name: "guarded" | "control"): number[] =>
    times[name].map((time, index) => time - (times.empty[index] ?? Number.NaN));
  return [
    toMeasured("generateText on a mock model, bare", times.bare),
    toMeasured("guardModel beyond an empty hook", difference("guarded")),
    toMeasured("A/A control: an empty hook beyond another", difference("control")),
  ];
}

function toMeasured(name: string, runs: readonly number[]): Measured {
  return { name, unit: "us/call", median: median(runs), runs };
}
