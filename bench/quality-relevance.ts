import { existsSync } from "node:fs";
import { answerRelevance } from "@burnrate/evaluators";
import { auroc, round } from "./quality-figures.ts";
import { readQuestions } from "./quality-sets.ts";

/** Whether an answer fits its own question better than another one. */
export function reportRelevance(path: string): void {
  if (!existsSync(path)) return;
  const rule = answerRelevance();
  const all = readQuestions(path);
  const rows = (["right_answer", "hallucinated_answer"] as const).map((key) => {
    const items = all.flatMap((line, at) => {
      const other = all[(at + 1) % all.length];
      const risk = (question = ""): number =>
        1 - (rule.evaluate({ input: question, output: line[key] }).score ?? 0);
      return [
        { risk: risk(line.question), bad: false },
        { risk: risk(other?.question), bad: true },
      ];
    });
    const kind = key === "right_answer" ? "a few words" : "sentences";
    return {
      answers: kind,
      n: items.length,
      "AUROC: own question or another's": round(auroc(items)),
    };
  });
  console.log("\nAnswer relevance, HaluEval QA");
  console.table(rows);
}
