import type { DepthHistogram } from "./depth-histogram.ts";
import type { ExponentialHistogram } from "./exponential-histogram.ts";
import type { CountedSli, EvaluationSli } from "./sli.ts";
import {
  COUNTED_SLIS,
  createSliSeries,
  DISTRIBUTION_SLIS,
  type EventCounts,
  type SliSeries,
} from "./sli-series.ts";

/**
 * An indicator's events. `ratio` is good ÷ (good + bad), null without any: no data is not healthy.
 */
export interface SliCounts extends EventCounts {
  readonly ratio: number | null;
}

/** How long something took. Quantiles are within 1.1 %; count, sum, minimum and maximum exact. */
export interface DurationSummary {
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** What tasks cost, in whole nano-dollars. Quantiles are within 1.1 %, the rest exact. */
export interface CostSummary {
  readonly count: number;
  readonly sumNanoUsd: number;
  readonly minNanoUsd: number;
  readonly maxNanoUsd: number;
  readonly p50NanoUsd: number;
  readonly p90NanoUsd: number;
  readonly p95NanoUsd: number;
  readonly p99NanoUsd: number;
}

/** How deep delegations went; exact up to 16. */
export interface DepthSummary {
  readonly count: number;
  readonly mean: number;
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Indicators of one series, or of all together. A summary is absent while nothing was measured. */
export interface IndicatorMetrics {
  readonly slis: Readonly<Record<CountedSli, SliCounts> & Record<EvaluationSli, SliCounts>>;
  readonly latency?: DurationSummary;
  readonly timeToFirstToken?: DurationSummary;
  readonly taskDuration?: DurationSummary;
  readonly costPerTask?: CostSummary;
  readonly delegationDepth?: DepthSummary;
}

/** One agent's tasks (`model` and `tool` null), or one model or tool as it uses it. */
export interface SeriesMetrics extends IndicatorMetrics {
  /** Null when the application named no agent. */
  readonly agent: string | null;
  readonly model: string | null;
  readonly tool: string | null;
}

/** What `guard.metrics()` returns: plain data since the guard was made, safe to send as JSON. */
export interface MetricsSnapshot {
  readonly series: readonly SeriesMetrics[];
  /** The same over all series. */
  readonly totals: IndicatorMetrics;
  /** Calls that evaluators made to judge the agent; they are in none of the above. */
  readonly evaluationCalls: SliCounts;
  /** Records counted under `other` because there were too many series. */
  readonly folded: number;
  /** Verdicts counted under `eval:other` because there were too many evaluators. */
  readonly foldedEvaluations: number;
  /** Values that no summary counts because they were negative, infinite or not a number. */
  readonly invalidValues: number;
  /** Events that a listener of `sli.subscribe` threw at. */
  readonly listenerErrors: number;
}

/** Adds the ratio to counts. */
export function toSliCounts(counts: EventCounts): SliCounts {
  const judged = counts.good + counts.bad;
  return { ...counts, ratio: judged === 0 ? null : counts.good / judged };
}

/** Names, counts and summaries of one series. */
export function seriesMetrics(series: SliSeries): SeriesMetrics {
  return {
    agent: series.agent ?? null,
    model: series.model ?? null,
    tool: series.tool ?? null,
    ...indicatorMetrics(series),
  };
}

/** Everything together, in one series without names. */
export function mergeSeries(all: Iterable<SliSeries>): SliSeries {
  const total = createSliSeries({ agent: undefined, model: undefined, tool: undefined });
  for (const series of all) total.merge(series);
  return total;
}

/** Values that a series' histograms refused. */
export function invalidValues(series: SliSeries): number {
  let invalid = series.depths()?.invalid ?? 0;
  for (const sli of DISTRIBUTION_SLIS) invalid += series.distribution(sli)?.invalid ?? 0;
  return invalid;
}

/** Counts and summaries of one series, without its names. */
export function indicatorMetrics(series: SliSeries): IndicatorMetrics {
  const latency = durationSummary(series.distribution("latency"));
  const timeToFirstToken = durationSummary(series.distribution("time_to_first_token"));
  const taskDuration = durationSummary(series.distribution("task_duration"));
  const costPerTask = costSummary(series.distribution("cost_per_task"));
  const delegationDepth = depthSummary(series.depths());
  return {
    slis: sliCounts(series),
    ...(latency && { latency }),
    ...(timeToFirstToken && { timeToFirstToken }),
    ...(taskDuration && { taskDuration }),
    ...(costPerTask && { costPerTask }),
    ...(delegationDepth && { delegationDepth }),
  };
}

function sliCounts(series: SliSeries): IndicatorMetrics["slis"] {
  const slis: Record<string, SliCounts> = {};
  for (const sli of COUNTED_SLIS) slis[sli] = toSliCounts(series.counts(sli));
  for (const sli of series.evaluationNames()) {
    slis[sli] = toSliCounts(series.evaluationCounts(sli));
  }
  return slis as IndicatorMetrics["slis"];
}

function durationSummary(histogram: ExponentialHistogram | undefined): DurationSummary | undefined {
  if (histogram === undefined || histogram.count === 0) return undefined;
  return {
    count: histogram.count,
    sumMs: histogram.sum,
    minMs: histogram.min,
    maxMs: histogram.max,
    p50Ms: histogram.quantile(0.5) ?? 0,
    p90Ms: histogram.quantile(0.9) ?? 0,
    p95Ms: histogram.quantile(0.95) ?? 0,
    p99Ms: histogram.quantile(0.99) ?? 0,
  };
}

function costSummary(histogram: ExponentialHistogram | undefined): CostSummary | undefined {
  if (histogram === undefined || histogram.count === 0) return undefined;
  return {
    count: histogram.count,
    sumNanoUsd: histogram.sum,
    minNanoUsd: histogram.min,
    maxNanoUsd: histogram.max,
    p50NanoUsd: Math.round(histogram.quantile(0.5) ?? 0),
    p90NanoUsd: Math.round(histogram.quantile(0.9) ?? 0),
    p95NanoUsd: Math.round(histogram.quantile(0.95) ?? 0),
    p99NanoUsd: Math.round(histogram.quantile(0.99) ?? 0),
  };
}

function depthSummary(depths: DepthHistogram | undefined): DepthSummary | undefined {
  if (depths === undefined || depths.count === 0) return undefined;
  return {
    count: depths.count,
    mean: depths.sum / depths.count,
    max: depths.max,
    p50: depths.quantile(0.5) ?? 0,
    p95: depths.quantile(0.95) ?? 0,
    p99: depths.quantile(0.99) ?? 0,
  };
}
