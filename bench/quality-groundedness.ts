import { join } from "node:path";
import { groundednessLexical } from "@burnrate/evaluators";
import { measureTranscripts } from "./judge-transcripts.ts";
import { checkJsonLines, type Part } from "./quality-data.ts";
import { accuracyAt, figuresOf, type Row, round } from "./quality-figures.ts";
import { reportRelevance } from "./quality-relevance.ts";
import { type Item, matchLengths, readSets } from "./quality-sets.ts";

type Risk = (item: Item) => number;

/** Every set alone, with and without lengths matched, ours beside two baselines. */
export const groundedness: Part = { files: [], measure: measureGroundedness };

async function measureGroundedness(folder: string): Promise<void> {
  checkJsonLines(folder);
  const sets = readSets(folder);
  const evaluator = groundednessLexical();
  const ours: Risk = (item) => 1 - (evaluator.evaluate(item).score ?? 0);
  const risks: Record<string, Risk> = {
    ours,
    length: ({ output }) => output.length,
    "token overlap": tokenNovelty,
  };
  const rows: Row[] = [];
  for (const [name, items] of Object.entries(sets)) {
    for (const [suffix, chosen] of [
      ["", items] as const,
      [", lengths matched", matchLengths(items)] as const,
    ]) {
      const set = `${name}${suffix}`;
      for (const [score, risk] of Object.entries(risks)) {
        rows.push({
          set,
          n: chosen.length,
          score,
          ...(await figuresOf(chosen.map((item) => ({ risk: risk(item), bad: item.bad })))),
        });
      }
    }
  }
  console.log("\nGroundedness: finding what the context does not support");
  console.table(rows);
  reportTransfer(sets, ours);
  reportRelevance(join(folder, "halueval_qa_oneturn.jsonl"));
  await measureTranscripts(folder);
}

function tokenNovelty({ output, context }: Item): number {
  const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const known = new Set(words(context));
  const said = words(output);
  return said.filter((word) => !known.has(word)).length / Math.max(1, said.length);
}

/** What the shipped threshold of 0.5, which was fitted to nothing, is worth. */
function reportTransfer(sets: Record<string, Item[]>, risk: Risk): void {
  const rows = Object.entries(sets).map(([set, items]) => ({
    set,
    "balanced accuracy at the default threshold": round(
      accuracyAt(
        items.map((item) => ({ score: 1 - risk(item), bad: item.bad })),
        0.5,
      ),
    ),
  }));
  console.table(rows);
}
