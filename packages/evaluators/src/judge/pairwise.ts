import { checkObject, optionError, refuseUnknownKeys } from "@burnrate/core/adapter";
import type { EvaluatorInput } from "../evaluator.ts";
import { checkCallOptions, JUDGE_CALL_KEYS, type JudgeCallOptions } from "./judge-call-options.ts";
import { createJudgeCaller } from "./judge-caller.ts";
import type { JudgeFigures } from "./judge-figures.ts";
import { type Material, readMaterial } from "./material.ts";
import type { Inquiry } from "./prompt.ts";
import { type CheckedRubric, checkRubric, type ReadyRubric, type Rubric } from "./rubric.ts";

/** Options of {@link pairwise}. */
export interface PairwiseOptions extends JudgeCallOptions {
  /** What "better" means. One about tool calls compares no texts, and is refused. */
  readonly rubric: ReadyRubric | Rubric;
}

/** Two answers to the same input. */
export interface PairwiseInput extends Omit<EvaluatorInput, "output"> {
  readonly first: unknown;
  readonly second: unknown;
}

/** Which of two is better, or why nobody can say. */
export type Preference =
  | {
      /** `tie` also when the two orders disagree. */
      readonly winner: "first" | "second" | "tie";
      /** 1 when the first is better, 0 when the second is, 0.5 for a tie. */
      readonly score: number;
      /** Whether both orders said the same; often false means that the judge looks at the place. */
      readonly agreed: boolean;
      /** Of both orders; may quote the outputs. */
      readonly reasons: readonly [string, string];
    }
  | { readonly winner: "inconclusive"; readonly reason: string };

/** Compares outputs. */
export interface PairwiseJudge {
  /** @throws {JudgeError} when the judge was asked and gave no verdict. */
  compare(given: PairwiseInput): Promise<Preference>;
  figures(): JudgeFigures;
}

const LABELS = ["A", "B", "tie"] as const;
const DEADLINE = { usual: 30_000, max: 2 ** 31 - 1 };

/**
 * Lets a model say which of two outputs is better, asked in both orders at once: a judge that
 * prefers a place and not an output ends in a tie. For a new version against the old one.
 * @example
 * const { winner } = await pairwise({ model, rubric: "helpfulness" }).compare({ input, first, second });
 * @throws {ConfigError} `BR9001`
 */
export function pairwise(options: PairwiseOptions): PairwiseJudge {
  const given = checkObject("pairwise()", options);
  refuseUnknownKeys("pairwise()", given, ["rubric", ...JUDGE_CALL_KEYS]);
  const rubric = checkRubric("pairwise().rubric", options.rubric);
  if (rubric.needs.includes("toolCalls")) {
    throw optionError("pairwise().rubric", options.rubric, "one that judges texts, not tool calls");
  }
  const checked = checkCallOptions("pairwise()", options, DEADLINE);
  const caller = createJudgeCaller(checked);
  const orders = ordersOf(rubric);
  const ask = (material: readonly Material[], signal: AbortSignal | undefined) => {
    const inquiry: Inquiry = { orders, labels: LABELS, material };
    return caller.ask(inquiry, signal);
  };
  return {
    async compare({ first, second, ...about }) {
      const [one, other] = [first, second].map((output) =>
        readMaterial({ ...about, output }, rubric.needs, checked.maxChars),
      ) as [ReturnType<typeof readMaterial>, ReturnType<typeof readMaterial>];
      if (one.kind === "none") return { winner: "inconclusive", reason: one.reason };
      if (other.kind === "none") return { winner: "inconclusive", reason: other.reason };
      const [there, back] = await Promise.all([
        ask(inOrder(one.material, other.material), about.signal),
        ask(inOrder(other.material, one.material), about.signal),
      ]);
      if ("declined" in there) return { winner: "inconclusive", reason: there.declined };
      if ("declined" in back) return { winner: "inconclusive", reason: back.declined };
      const reasons = [there.reason, back.reason] as const;
      return { ...conclude(there.verdict, back.verdict), reasons };
    },
    figures: caller.figures,
  };
}

/** What the rubric needs once, then the outputs as A and B. */
function inOrder(a: readonly Material[], b: readonly Material[]): readonly Material[] {
  const output = (all: readonly Material[]): string => all.at(-1)?.text ?? "";
  return [...a.slice(0, -1), { name: "A", text: output(a) }, { name: "B", text: output(b) }];
}

function ordersOf({ criterion, passes, fails }: CheckedRubric): string {
  return [
    `Compare two outputs, A and B, in one thing: ${criterion}`,
    `Good is: ${passes}`,
    `Bad is: ${fails}`,
    `Answer "A" or "B" for the better one, "tie" when neither is. Length and place do not count.`,
  ].join("\n");
}

function conclude(there: string, back: string) {
  const swapped = back === "A" ? "B" : back === "B" ? "A" : "tie";
  const agreed = there === swapped;
  if (agreed && there === "A") return { winner: "first", score: 1, agreed } as const;
  if (agreed && there === "B") return { winner: "second", score: 0, agreed } as const;
  return { winner: "tie", score: 0.5, agreed } as const;
}
