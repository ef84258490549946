import type { CallMetrics, Count } from "../accumulate/call-metrics.ts";
import type { Family } from "../accumulate/family.ts";
import type { Histogram } from "../accumulate/histogram.ts";
import { METRIC, type MetricDefinition, OWN } from "../semantic-conventions.ts";
import type { AttachedGuards } from "./attached-guards.ts";
import { budgetFamilies } from "./budget-families.ts";
import type { BudgetReader } from "./budget-reader.ts";
import { histograms, type MetricFamily, numbers, single } from "./metric-family.ts";
import { sloFamilies } from "./slo-families.ts";
import type { SloSource } from "./slo-source.ts";

/** Everything that is read when somebody asks. */
export interface MetricSources {
  readonly calls: CallMetrics;
  readonly guards: AttachedGuards;
  readonly slo: SloSource | undefined;
  readonly budgets: BudgetReader;
  /** Of this exporter: spans that its full queue let go, and callbacks that failed. */
  readonly dropped: () => Readonly<Record<string, number>>;
}

const NANO = 1e-9;

/** Codes that calls are refused with: each is there at 0 before its first refusal. */
const REFUSAL_CODES = [
  "BR1001",
  "BR2001",
  "BR2002",
  "BR3001",
  "BR3002",
  "BR3003",
  "BR4001",
  "BR4002",
  "BR4003",
  "BR4004",
  "BR5001",
  "BR7001",
  "BR8001",
];

/** Every metric as it is now. Off the call path: guards are asked, and figures are copied. */
export function collect(sources: MetricSources): MetricFamily[] {
  const { calls, slo, budgets, guards } = sources;
  return [
    ofHistograms(METRIC.operationDuration, calls.operationDurations),
    ofHistograms(METRIC.timeToFirstChunk, calls.firstChunks),
    ofHistograms(METRIC.tokenUsage, calls.tokens),
    ofHistograms(METRIC.toolDuration, calls.toolDurations),
    ofHistograms(METRIC.mcpDuration, calls.mcpDurations),
    ofCounts(METRIC.calls, calls.calls, 1),
    single(METRIC.correctedCalls, calls.corrected),
    refusals(calls),
    ofCounts(METRIC.cost, calls.costs, NANO),
    ofCounts(METRIC.costCorrections, calls.costCorrections, NANO),
    ...guards.collect(sources.dropped()),
    ...budgetFamilies(budgets.last),
    ...(slo === undefined ? [] : sloFamilies(slo)),
    single(METRIC.folded, calls.counter.folded),
  ].filter(({ points }) => points.length > 0);
}

function ofHistograms(definition: MetricDefinition, family: Family<Histogram>): MetricFamily {
  return histograms(
    definition,
    family.series.map(({ labels, cell }) => ({ labels, histogram: cell })),
  );
}

function ofCounts(definition: MetricDefinition, family: Family<Count>, unit: number): MetricFamily {
  return numbers(
    definition,
    family.series.map(({ labels, cell }) => ({ labels, value: cell.value * unit })),
  );
}

function refusals({ refusals: counted }: CallMetrics): MetricFamily {
  const codes = new Set([...REFUSAL_CODES, ...counted.keys()]);
  return numbers(
    METRIC.refusals,
    [...codes].map((code) => ({ labels: { [OWN.code]: code }, value: counted.get(code) ?? 0 })),
  );
}
