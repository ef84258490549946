import { calibrate, type Judge } from "@burnrate/evaluators";
import { randomFrom } from "./random.ts";

/** What a rule makes of one text, and what is known of it. */
export interface Scored {
  /** Higher is worse. */
  readonly risk: number;
  readonly bad: boolean;
}

/** A row of a table. */
export type Row = Readonly<Record<string, string | number | undefined>>;

const DRAWS = 200;
const LABELS = 50;

/** Three digits behind the point. */
export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** AUROC with its interval; with enough texts also what 50 labels and a threshold make of it. */
export async function figuresOf(items: readonly Scored[]): Promise<Row> {
  if (items.length < 2 * LABELS) return { auroc: round(auroc(items)) };
  return {
    auroc: round(auroc(items)),
    ...bootstrap(items),
    [`balanced accuracy, ${LABELS} labels`]: round(await fromLabels(items)),
    "recall at 10 % false alarms": round(recallAtTenPercent(items)),
  };
}

/** Share of pairs of a bad and a good one that are in the right order. */
export function auroc(items: readonly Scored[]): number {
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

/** Balanced accuracy when what reaches the threshold passes. */
export function accuracyAt(
  items: readonly { score: number; bad: boolean }[],
  threshold: number,
): number {
  const share = (bad: boolean): number => {
    const those = items.filter((item) => item.bad === bad);
    return those.filter(({ score }) => score >= threshold !== bad).length / those.length;
  };
  return (share(true) + share(false)) / 2;
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

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}
