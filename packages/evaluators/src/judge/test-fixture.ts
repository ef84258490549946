import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import type { JudgeReply, JudgeRequest } from "./judge-model.ts";
import { type ModelJudge, type ModelJudgeOptions, modelJudge } from "./model-judge.ts";

/** An answer as a judge should write it. */
export function answer(verdict: string, reason = "Because."): string {
  return JSON.stringify({ reason, verdict });
}

/** A judge that answers from a list, the last one for ever, and remembers what it was asked. */
export interface ScriptedJudge {
  readonly judge: ModelJudge;
  readonly asked: JudgeRequest[];
  readonly clock: FakeClock;
}

type Step = JudgeReply | string | Error | "hang";

export function scripted(
  steps: readonly Step[],
  options: Partial<ModelJudgeOptions> = {},
): ScriptedJudge {
  const asked: JudgeRequest[] = [];
  const clock = createFakeClock();
  const left = [...steps];
  const model = async (request: JudgeRequest): Promise<JudgeReply> => {
    asked.push(request);
    const step = (left.length > 1 ? left.shift() : left[0]) ?? "";
    if (step === "hang") return new Promise(() => {});
    if (step instanceof Error) throw step;
    return typeof step === "string" ? { text: step } : step;
  };
  const judge = modelJudge({ model, rubric: "coherence", clock, ...options });
  return { judge, asked, clock };
}

/** Lets everything that needs no time happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}
