import type { Guard } from "@burnrate/core";
import { type FoldCounter, OTHER } from "../accumulate/family.ts";
import type { LabelCap } from "../accumulate/label-cap.ts";
import { METRIC, OWN } from "../semantic-conventions.ts";
import { type MetricFamily, numbers } from "./metric-family.ts";

type Snapshot = ReturnType<Guard["metrics"]>;
type SeriesMetrics = Snapshot["series"][number];
type Counts = SeriesMetrics["slis"][keyof SeriesMetrics["slis"]];

const OUTCOMES = ["good", "bad", "excluded"] as const;
type Sums = Record<(typeof OUTCOMES)[number], number>;

/** One series and what it adds up. */
interface Group {
  readonly labels: Record<string, string>;
  readonly sums: Sums;
}

/**
 * Events of guards' own indicators. A series shows all outcomes from the first event on, `bad` at 0
 * included, so that its first bad event is an increase.
 */
export class SliEvents {
  readonly #cap: LabelCap;
  readonly #counter: FoldCounter;
  readonly #withAgent: boolean;
  /** Of guards that are closed. */
  readonly #kept = new Map<string, Group>();
  #keptFolded = 0;
  /** Most that was ever folded at once: looking again folds no more. */
  #folded = 0;

  constructor(cap: LabelCap, counter: FoldCounter, withAgent: boolean) {
    this.#cap = cap;
    this.#counter = counter;
    this.#withAgent = withAgent;
  }

  /** What a guard has counted, and will not count again. */
  keep(series: Snapshot["series"]): void {
    this.#keptFolded += this.#add(this.#kept, series);
  }

  /** All of it, and what others have counted so far. */
  family(series: Snapshot["series"]): MetricFamily {
    const groups = new Map<string, Group>();
    for (const [key, { labels, sums }] of this.#kept) {
      groups.set(key, { labels, sums: { ...sums } });
    }
    const folded = this.#keptFolded + this.#add(groups, series);
    this.#counter.folded += Math.max(0, folded - this.#folded);
    this.#folded = Math.max(folded, this.#folded);
    return numbers(
      METRIC.sliEvents,
      [...groups.values()].flatMap(({ labels, sums }) =>
        OUTCOMES.map((outcome) => ({
          labels: { ...labels, [OWN.outcomeShort]: outcome },
          value: sums[outcome],
        })),
      ),
    );
  }

  /** Returns how many of them share the series of others. */
  #add(groups: Map<string, Group>, series: Snapshot["series"]): number {
    let folded = 0;
    for (const one of series) {
      for (const [sli, counts] of Object.entries(one.slis)) {
        if (!concerns(sli, one)) continue;
        const isOwn = addTo(groups, labelsOf(sli, one, this.#withAgent), counts, this.#cap);
        if (!isOwn) folded++;
      }
    }
    return folded;
  }
}

/** Each series has every indicator; those of tasks say nothing about a model. */
function concerns(sli: string, { model, tool }: SeriesMetrics): boolean {
  if (sli === "task_success") return model === null && tool === null;
  if (sli === "call_success") return model !== null;
  if (sli === "tool_call_success") return tool !== null;
  return sli.startsWith("eval:") || model !== null || tool !== null;
}

function labelsOf(
  sli: string,
  { agent, model, tool }: SeriesMetrics,
  withAgent: boolean,
): Record<string, string> {
  return {
    [OWN.sli]: shown(sli),
    ...(withAgent && { [OWN.agentName]: shown(agent) }),
    [OWN.model]: shown(model),
    [OWN.toolName]: shown(tool),
  };
}

/** As it is written in the end: two names that become one are one series. */
function shown(name: string | null): string {
  return name?.toWellFormed() ?? "";
}

/** Whether it has a series of its own. */
function addTo(
  groups: Map<string, Group>,
  wanted: Record<string, string>,
  counts: Counts,
  cap: LabelCap,
): boolean {
  const wantedKey = JSON.stringify(Object.values(wanted));
  const isOwn = cap.admits(wantedKey);
  const labels = isOwn
    ? wanted
    : Object.fromEntries(Object.keys(wanted).map((key) => [key, OTHER]));
  const key = isOwn ? wantedKey : "";
  let group = groups.get(key);
  if (group === undefined) {
    group = { labels, sums: { good: 0, bad: 0, excluded: 0 } };
    groups.set(key, group);
  }
  for (const outcome of OUTCOMES) group.sums[outcome] += counts[outcome];
  return isOwn;
}
