import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { groundednessLexical, parseLabels } from "@burnrate/evaluators";
import { DataError, readLines, readRecords } from "./quality-data.ts";

/** An answer, what it may rely on, and what people said of it. */
export interface Item {
  readonly output: string;
  readonly context: string;
  readonly bad: boolean;
}

/** A line of HaluEval QA. */
export type QuestionLine = Readonly<Record<keyof typeof QUESTION_FIELDS, string>>;

/** Sets of groundedness by the names that their makers gave them. */
const SETS = {
  "begin_dev_wow.tsv": ["BEGIN WoW dev", readBegin],
  "begin_dev_cmu.tsv": ["BEGIN CMU dev", readBegin],
  "halueval_qa_oneturn.jsonl": ["HaluEval QA", readHaluEval],
  "wice_claim_dev.jsonl": ["WiCE dev", readWice],
} as const;
const ATTRIBUTIONS = ["Fully attributable", "Not fully attributable", "Generic"];

const QUESTION_FIELDS = {
  knowledge: "text",
  question: "text",
  right_answer: "text",
  hallucinated_answer: "text",
} as const;

/** The public sets that are there, and every `labels-*.jsonl`: a label file with contexts. */
export function readSets(folder: string): Record<string, Item[]> {
  const sets: Record<string, Item[]> = {};
  const rule = groundednessLexical();
  const take = (name: string, all: Item[]): void => {
    const items = all.filter((item) => rule.evaluate(item).score !== undefined);
    const unjudged = all.length - items.length;
    if (unjudged > 0) console.log(`\n${name}: ${unjudged} that were not judged are left out`);
    const bad = items.filter((item) => item.bad).length;
    if (bad > 0 && bad < items.length) sets[name] = items;
    else console.log(`\n${name}: skipped: all ${items.length} items are of one class`);
  };
  for (const [file, [name, read]] of Object.entries(SETS)) {
    if (existsSync(join(folder, file))) take(name, read(join(folder, file)));
    else console.log(`\n${name}: skipped: no ${file}`);
  }
  for (const file of readdirSync(folder).filter((name) => /^labels-.*\.jsonl$/.test(name))) {
    take(file, readLabelled(join(folder, file)));
  }
  return sets;
}

/** The questions of HaluEval QA with a right and a made-up answer each. */
export function readQuestions(path: string): QuestionLine[] {
  return readRecords<QuestionLine>(path, QUESTION_FIELDS);
}

/**
 * Pairs of a good and a bad answer whose lengths differ by at most a twentieth, the nearest first:
 * whoever takes any partner within reach takes shorter ones, and length tells the two apart again.
 */
export function matchLengths(items: readonly Item[]): Item[] {
  const good = new Map<number, Item[]>();
  for (const item of items) {
    if (item.bad) continue;
    const held = good.get(item.output.length);
    if (held === undefined) good.set(item.output.length, [item]);
    else held.push(item);
  }
  const matched: Item[] = [];
  let left = items.filter(({ bad }) => bad);
  for (let apart = 0; left.some(({ output }) => apart <= output.length / 20); apart++) {
    left = left.filter((item) => {
      const { length } = item.output;
      if (apart > length / 20) return false;
      const partner = good.get(length - apart)?.pop() ?? good.get(length + apart)?.pop();
      if (partner !== undefined) matched.push(item, partner);
      return partner === undefined;
    });
  }
  return matched;
}

function readLabelled(path: string): Item[] {
  readRecords(path, { context: "any" }); // without one there is nothing to measure
  return parseLabels(readFileSync(path, "utf8"), path).map(({ output, context, good }) => ({
    output: String(output),
    context: [context].flat().join("\n"),
    bad: !good,
  }));
}

function readBegin(path: string): Item[] {
  return readLines(path)
    .slice(1)
    .flatMap(({ text, place }) => {
      const [, , context = "", , output = "", label = ""] = text.split("\t");
      if (!ATTRIBUTIONS.includes(label)) throw new DataError(`${place}: has no "begin_label"`);
      if (label === "Generic") return []; // says nothing that could be supported
      return [{ output, context, bad: label !== "Fully attributable" }];
    });
}

function readHaluEval(path: string): Item[] {
  return readQuestions(path).flatMap((line) => [
    { output: line.right_answer, context: line.knowledge, bad: false },
    { output: line.hallucinated_answer, context: line.knowledge, bad: true },
  ]);
}

function readWice(path: string): Item[] {
  type Claim = { readonly label: string; readonly claim: string; readonly evidence: string[] };
  const fields = { label: "text", claim: "text", evidence: "list" } as const;
  return readRecords<Claim>(path, fields).map(({ claim, evidence, label }) => ({
    output: claim,
    context: evidence.join("\n"),
    bad: label !== "supported",
  }));
}
