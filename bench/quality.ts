import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  answerRelevance,
  calibrate,
  groundednessLexical,
  type Judge,
  parseLabels,
  piiLeak,
  promptInjectionHeuristic,
  toolCallValid,
} from "@burnrate/evaluators";
import { measureTranscripts } from "./judge-transcripts.ts";

/**
 * Prints how well rules find what they look for on public data, each set alone: `--data DIR` names
 * a folder with `groundedness`, `tool-calls`, `pii` and `mcp-descriptions`. No threshold is
 * reported on the texts that it was fitted on. Longer than a page because each set has a format of
 * its own.
 */
interface Item {
  readonly output: string;
  readonly context: string;
  readonly bad: boolean;
}

interface Scored {
  /** Higher is worse. */
  readonly risk: number;
  readonly bad: boolean;
}

type Risk = (item: Item) => number;
type Row = Readonly<Record<string, string | number | undefined>>;

/** BFCL writes Python's types into its schemas. */
const TYPES: Readonly<Record<string, string>> = { dict: "object", float: "number", tuple: "array" };
const KINDS = {
  email: "EMAIL_ADDRESS",
  card: "CREDIT_CARD",
  iban: "IBAN_CODE",
  ssn: "US_SSN",
  ip: "IP_ADDRESS",
} as const;
/** Without these nothing of a part can be measured. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "tool-calls": ["BFCL_v4_simple_python", "BFCL_v4_multiple"].flatMap((name) => [
    `${name}.json`,
    `${name}.answers.json`,
  ]),
  pii: ["synth_dataset_v2.json"],
  "mcp-descriptions": ["tool-descriptions.jsonl"],
};
/** Sets of groundedness by the names that their makers gave them. */
const SETS = {
  "begin_dev_wow.tsv": ["BEGIN WoW dev", readBegin],
  "begin_dev_cmu.tsv": ["BEGIN CMU dev", readBegin],
  "halueval_qa_oneturn.jsonl": ["HaluEval QA", readHaluEval],
  "wice_claim_dev.jsonl": ["WiCE dev", readWice],
} as const;
const DRAWS = 200;
const LABELS = 50;
const given = process.argv.indexOf("--data");
const data = given < 0 ? undefined : process.argv[given + 1];
if (data === undefined || !existsSync(data)) console.log("skipped: no data (--data DIR)");
else await measureAll(data);

async function measureAll(folder: string): Promise<void> {
  const parts = {
    groundedness: measureGroundedness,
    "tool-calls": measureToolCalls,
    pii: measurePii,
    "mcp-descriptions": measureInjection,
  };
  for (const [name, measurePart] of Object.entries(parts)) {
    const path = join(folder, name);
    const missing = FILES[name]?.filter((file) => !existsSync(join(path, file))) ?? [];
    if (existsSync(path) && missing.length === 0) await measurePart(path);
    else console.log(`\n${name}: skipped: no data${missing.map((file) => `, ${file}`).join("")}`);
  }
}

function lines(path: string): string[] {
  return readFileSync(path, "utf8").split(/\r?\n/).filter(Boolean);
}

function records<T>(path: string): T[] {
  return lines(path).map((line) => JSON.parse(line) as T);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Reproducible, so that two runs print the same (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}

/* Groundedness */

async function measureGroundedness(folder: string): Promise<void> {
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

/** The public sets that are there, and every `labels-*.jsonl`: a label file with contexts. */
function readSets(folder: string): Record<string, Item[]> {
  const sets: Record<string, Item[]> = {};
  const take = (name: string, items: Item[]): void => {
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

function readLabelled(path: string): Item[] {
  return parseLabels(readFileSync(path, "utf8"), path).map(({ output, context, good }) => ({
    output: String(output),
    context: [context].flat().join("\n"),
    bad: !good,
  }));
}

function readBegin(path: string): Item[] {
  return lines(path)
    .slice(1)
    .map((line) => line.split("\t"))
    .filter(([, , , , , label]) => label !== "Generic") // says nothing that could be supported
    .map(([, , context = "", , output = "", label]) => ({
      output,
      context,
      bad: label !== "Fully attributable",
    }));
}

function readHaluEval(path: string): Item[] {
  type Line = Readonly<Record<"knowledge" | "right_answer" | "hallucinated_answer", string>>;
  return records<Line>(path).flatMap((line) => [
    { output: line.right_answer, context: line.knowledge, bad: false },
    { output: line.hallucinated_answer, context: line.knowledge, bad: true },
  ]);
}

function readWice(path: string): Item[] {
  type Line = { readonly label: string; readonly claim: string; readonly evidence: string[] };
  return records<Line>(path).map(({ claim, evidence, label }) => ({
    output: claim,
    context: evidence.join("\n"),
    bad: label !== "supported",
  }));
}

/** Pairs of a good and a bad answer whose lengths differ by at most a tenth. */
function matchLengths(items: readonly Item[]): Item[] {
  const byLength = (bad: boolean): Item[] =>
    items.filter((item) => item.bad === bad).sort((a, b) => a.output.length - b.output.length);
  const good = byLength(false);
  const matched: Item[] = [];
  let next = 0;
  for (const item of byLength(true)) {
    while ((good[next]?.output.length ?? Infinity) < item.output.length * 0.95) next++;
    const partner = good[next];
    if (partner === undefined || partner.output.length > item.output.length * 1.05) continue;
    matched.push(item, partner);
    next++;
  }
  return matched;
}

function tokenNovelty({ output, context }: Item): number {
  const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const known = new Set(words(context));
  const said = words(output);
  return said.filter((word) => !known.has(word)).length / Math.max(1, said.length);
}

async function figuresOf(items: readonly Scored[]): Promise<Row> {
  if (items.length < 2 * LABELS) return { auroc: round(auroc(items)) };
  return {
    auroc: round(auroc(items)),
    ...bootstrap(items),
    [`balanced accuracy, ${LABELS} labels`]: round(await fromLabels(items)),
    "recall at 10 % false alarms": round(recallAtTenPercent(items)),
  };
}

/** Share of pairs of a bad and a good one that are in the right order. */
function auroc(items: readonly Scored[]): number {
  const sorted = items.toSorted((a, b) => a.risk - b.risk);
  const bad = sorted.filter((item) => item.bad).length;
  let ranks = 0;
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (end < sorted.length && sorted[end]?.risk === sorted[at]?.risk) end++;
    ranks += sorted.slice(at, end).filter((item) => item.bad).length * ((at + end + 1) / 2);
    at = end;
  }
  return (ranks - (bad * (bad + 1)) / 2) / (bad * (items.length - bad));
}

function bootstrap(items: readonly Scored[]): Row {
  const random = randomFrom(11);
  const drawn = Array.from({ length: 500 }, () =>
    auroc(items.map(() => items[Math.floor(random() * items.length)] as Scored)),
  ).sort((a, b) => a - b);
  return { low: round(drawn[12] ?? 0), high: round(drawn[487] ?? 0) };
}

/** Fits a threshold on 50 labels with `calibrate` and judges all other items by it, 200 times. */
async function fromLabels(items: readonly Scored[]): Promise<number> {
  const top = Math.max(...items.map(({ risk }) => risk), 1);
  const evaluator: Judge = {
    name: "score",
    evaluate: ({ output }) => ({ passed: true, score: Number(output), label: "", reason: "" }),
  };
  const random = randomFrom(23);
  const accuracies: number[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const order = shuffled(items, random).map(({ risk, bad }) => ({ score: 1 - risk / top, bad }));
    const labels = order.slice(0, LABELS).map(({ score, bad }) => ({ output: score, good: !bad }));
    const { fitted } = await calibrate({ evaluator, labels });
    if (fitted !== undefined) accuracies.push(accuracyAt(order.slice(LABELS), fitted.threshold));
  }
  return accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
}

function accuracyAt(items: readonly { score: number; bad: boolean }[], threshold: number): number {
  const share = (bad: boolean): number => {
    const those = items.filter((item) => item.bad === bad);
    return those.filter(({ score }) => score >= threshold !== bad).length / those.length;
  };
  return (share(true) + share(false)) / 2;
}

/** The threshold comes from one half of the items, the recall from the other; both ways. */
function recallAtTenPercent(items: readonly Scored[]): number {
  const order = shuffled(items, randomFrom(37));
  const half = Math.floor(order.length / 2);
  const oneWay = (fit: readonly Scored[], use: readonly Scored[]): number => {
    const good = fit
      .filter(({ bad }) => !bad)
      .map(({ risk }) => risk)
      .sort((a, b) => a - b);
    const threshold = good[Math.floor(good.length * 0.9)] ?? 1;
    const bad = use.filter((item) => item.bad);
    return bad.filter(({ risk }) => risk > threshold).length / bad.length;
  };
  const [first, second] = [order.slice(0, half), order.slice(half)];
  return (oneWay(first, second) + oneWay(second, first)) / 2;
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

function reportRelevance(path: string): void {
  if (!existsSync(path)) return;
  type Line = Readonly<Record<"question" | "right_answer" | "hallucinated_answer", string>>;
  const rule = answerRelevance();
  const all = records<Line>(path);
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

/* Tool calls */

interface Question {
  readonly id: string;
  readonly question: unknown[][];
  readonly function: { readonly name: string; readonly parameters: Record<string, unknown> }[];
}

interface GoldCall {
  readonly question: Question;
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  /** Arguments without which the answer is wrong. */
  readonly needed: readonly string[];
}

function measureToolCalls(folder: string): void {
  const calls = ["BFCL_v4_simple_python", "BFCL_v4_multiple"].flatMap((name) =>
    readGold(folder, name),
  );
  const rule = toolCallValid();
  const judge = ({ question }: GoldCall, name: string, args: unknown) =>
    rule.evaluate({
      input: question.question[0],
      output: [{ name, arguments: args }],
      metadata: {
        tools: question.function.map((tool) => ({
          ...tool,
          parameters: toJsonSchema(tool.parameters),
        })),
      },
    });
  const rows: Row[] = [];
  const report = (
    mutation: string,
    mutate: (call: GoldCall, index: number) => readonly [string, unknown] | undefined,
  ): void => {
    const cases = calls.flatMap((call, index) => {
      const mutated = mutate(call, index);
      return mutated === undefined ? [] : [judge(call, ...mutated)];
    });
    const flagged = cases.filter(({ passed }) => passed === false).length;
    const soft = cases.filter(({ score }) => score !== undefined && score < 1).length;
    rows.push({
      mutation,
      n: cases.length,
      flagged: round(flagged / cases.length),
      "below 1": round(soft / cases.length),
    });
  };
  const without = (call: GoldCall, key: string | undefined) =>
    key === undefined
      ? undefined
      : ([
          call.name,
          Object.fromEntries(Object.entries(call.arguments).filter(([name]) => name !== key)),
        ] as const);
  report("none (false alarms)", (call) => [call.name, call.arguments]);
  report("a tool that does not exist", (call) => [`${call.name}_v2`, call.arguments]);
  report("an argument that does not exist", (call) => [
    call.name,
    { ...call.arguments, not_an_argument: 1 },
  ]);
  report("a wrong type", (call) => {
    const [key] = Object.keys(call.arguments);
    if (key === undefined) return undefined;
    return [
      call.name,
      {
        ...call.arguments,
        [key]: typeof call.arguments[key] === "object" ? "text" : { wrong: true },
      },
    ];
  });
  report("a required argument missing", (call) =>
    without(
      call,
      requiredOf(call).find((key) => key in call.arguments),
    ),
  );
  report("a needed argument missing, required or not", (call, index) =>
    without(call, call.needed[index % call.needed.length]),
  );
  report("another tool of the list", (call) => {
    const other = call.question.function.find(({ name }) => name !== call.name);
    return other && [other.name, call.arguments];
  });
  report("a wrong value of the right type", (call) => {
    const key = call.needed.find((name) => typeof call.arguments[name] === "string");
    return key === undefined
      ? undefined
      : [call.name, { ...call.arguments, [key]: "something else" }];
  });
  console.log("\nTool calls, BFCL v4 simple and multiple");
  console.table(rows);
}

function readGold(folder: string, name: string): GoldCall[] {
  type Answer = {
    readonly id: string;
    readonly ground_truth: Record<string, Record<string, unknown[]>>[];
  };
  const questions = new Map(
    records<Question>(join(folder, `${name}.json`)).map((question) => [question.id, question]),
  );
  return records<Answer>(join(folder, `${name}.answers.json`)).flatMap(({ id, ground_truth }) => {
    const question = questions.get(id);
    const [entry] = Object.entries(ground_truth[0] ?? {});
    if (question === undefined || entry === undefined) return [];
    const [tool, values] = entry;
    // Each argument has a list of values that are right; "" among them says that it may be left
    // out.
    const needed = Object.keys(values).filter((key) => !values[key]?.includes(""));
    const args = needed.map((key) => [key, firstOf(values[key])] as const);
    return [{ question, name: tool, arguments: Object.fromEntries(args), needed }];
  });
}

/** Nested objects list alternatives at each field, too. */
function firstOf(values: unknown[] | undefined): unknown {
  const [value] = values ?? [];
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown) => (isPlain(item) ? plainOf(item) : item));
  return plainOf(value as Record<string, unknown>);
}

function plainOf(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value).filter(
    ([, held]) => !(Array.isArray(held) && held.includes("")),
  );
  return Object.fromEntries(
    entries.map(([key, held]) => [key, Array.isArray(held) ? firstOf(held) : held]),
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requiredOf({ question, name }: GoldCall): readonly string[] {
  const tool = question.function.find((candidate) => candidate.name === name);
  return (tool?.parameters["required"] as string[] | undefined) ?? [];
}

function toJsonSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  if (!isPlain(schema)) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => !(key === "type" && value === "any") && key !== "optional",
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === "type" && typeof value === "string" ? (TYPES[value] ?? value) : toJsonSchema(value),
    ]),
  );
}

/* Personal data and prompt injection */

function measurePii(folder: string): void {
  type Text = {
    readonly full_text: string;
    readonly spans: { entity_type: string; start_position: number; end_position: number }[];
  };
  const texts = JSON.parse(readFileSync(join(folder, "synth_dataset_v2.json"), "utf8")) as Text[];
  const rows = (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((kind) => {
    const rule = piiLeak({ kinds: [kind] });
    let spans = 0;
    let found = 0;
    let right = 0;
    let reported = 0;
    for (const { full_text, spans: all } of texts) {
      const wanted = all.filter(({ entity_type }) => entity_type === KINDS[kind]);
      const { evidence = [] } = rule.evaluate({ output: full_text }) as {
        evidence?: readonly { start: number; end: number }[];
      };
      const meets = (place: { start: number; end: number }, span: Text["spans"][number]): boolean =>
        place.start < span.end_position && place.end > span.start_position;
      spans += wanted.length;
      reported += evidence.length;
      found += wanted.filter((span) => evidence.some((place) => meets(place, span))).length;
      right += evidence.filter((place) => wanted.some((span) => meets(place, span))).length;
    }
    return { kind, spans, recall: round(found / spans), precision: round(right / reported) };
  });
  console.log("\nPersonal data, 1,500 synthetic texts of Presidio");
  console.table(rows);
}

function measureInjection(folder: string): void {
  type Tool = { readonly label: 0 | 1; readonly description: string };
  const tools = records<Tool>(join(folder, "tool-descriptions.jsonl"));
  const rule = promptInjectionHeuristic();
  const rows = ([1, 0] as const).map((label) => {
    const those = tools.filter((tool) => tool.label === label);
    const flagged = those.filter(
      ({ description }) => rule.evaluate({ output: description }).passed === false,
    );
    return {
      tools: label === 1 ? "malicious" : "benign",
      n: those.length,
      flagged: round(flagged.length / those.length),
    };
  });
  console.log(
    "\nPrompt injection, descriptions of MCP tools (most of the malicious say plainly what they do)",
  );
  console.table(rows);
}
