import { createDepthHistogram, type DepthHistogram } from "./depth-histogram.ts";
import { MILLISECOND_RANGE, NANO_USD_RANGE } from "./exponential-buckets.ts";
import { createExponentialHistogram, type ExponentialHistogram } from "./exponential-histogram.ts";
import type { CountedSli, EvaluationSli, MeasuredSli, SeriesNames, SliOutcome } from "./sli.ts";

/** Measured indicators with a log-linear histogram. */
export type DistributionSli = Exclude<MeasuredSli, "delegation_depth">;

/** How many events of one indicator were good, bad and excluded. */
export interface EventCounts {
  readonly good: number;
  readonly bad: number;
  readonly excluded: number;
}

/**
 * The counters and histograms of one agent, or of one model or tool as one agent uses it. Memory is
 * fixed: a histogram's is taken at its first value, and nothing is allocated after that.
 */
export interface SliSeries extends SeriesNames {
  /** Counts one event. */
  count(sli: CountedSli, outcome: SliOutcome): void;
  /** Counts one verdict; the caller bounds the number of names. */
  countEvaluation(sli: EvaluationSli, outcome: SliOutcome): void;
  /** Counts one value: milliseconds, nano-dollars or a depth. False when it is no measurement. */
  measure(sli: MeasuredSli, value: number): boolean;
  /** Adds what another series holds. */
  merge(other: SliSeries): void;
  counts(sli: CountedSli): EventCounts;
  evaluationNames(): Iterable<EvaluationSli>;
  evaluationCounts(sli: EvaluationSli): EventCounts;
  /** Undefined until something was measured. */
  distribution(sli: DistributionSli): ExponentialHistogram | undefined;
  /** Undefined until a depth was recorded. */
  depths(): DepthHistogram | undefined;
}

/** The guard's own counted indicators, in the order of their counters. */
export const COUNTED_SLIS: readonly CountedSli[] = [
  "task_success",
  "call_success",
  "tool_call_success",
  "policy_compliance",
];

/** Indicators with a histogram, in the order of their histograms. */
export const DISTRIBUTION_SLIS: readonly DistributionSli[] = [
  "latency",
  "time_to_first_token",
  "task_duration",
  "cost_per_task",
];

/** Makes an empty series. */
export function createSliSeries(names: SeriesNames): SliSeries {
  return new Series(names);
}

const OUTCOMES = 3;

function outcomeCell(outcome: SliOutcome): number {
  if (outcome === "good") return 0;
  return outcome === "bad" ? 1 : 2;
}

function sliCell(sli: CountedSli): number {
  switch (sli) {
    case "task_success":
      return 0;
    case "call_success":
      return OUTCOMES;
    case "tool_call_success":
      return 2 * OUTCOMES;
    case "policy_compliance":
      return 3 * OUTCOMES;
  }
}

function add(cells: Float64Array, cell: number, amount: number): void {
  cells[cell] = (cells[cell] ?? 0) + amount;
}

function read(cells: Float64Array | undefined, cell: number): EventCounts {
  return {
    good: cells?.[cell] ?? 0,
    bad: cells?.[cell + 1] ?? 0,
    excluded: cells?.[cell + 2] ?? 0,
  };
}

/** A class, unlike most of this package, so that a thousand series share one set of functions. */
class Series implements SliSeries {
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly tool: string | undefined;
  readonly #counts = new Float64Array(COUNTED_SLIS.length * OUTCOMES);
  readonly #evaluations = new Map<EvaluationSli, Float64Array>();
  #latency: ExponentialHistogram | undefined = undefined;
  #firstToken: ExponentialHistogram | undefined = undefined;
  #duration: ExponentialHistogram | undefined = undefined;
  #cost: ExponentialHistogram | undefined = undefined;
  #depths: DepthHistogram | undefined = undefined;

  constructor(names: SeriesNames) {
    this.agent = names.agent;
    this.model = names.model;
    this.tool = names.tool;
  }

  count(sli: CountedSli, outcome: SliOutcome): void {
    add(this.#counts, sliCell(sli) + outcomeCell(outcome), 1);
  }

  countEvaluation(sli: EvaluationSli, outcome: SliOutcome): void {
    add(this.#evaluationCells(sli), outcomeCell(outcome), 1);
  }

  measure(sli: MeasuredSli, value: number): boolean {
    if (sli === "delegation_depth") {
      this.#depths ??= createDepthHistogram();
      return this.#depths.record(value);
    }
    return this.#open(sli).record(value);
  }

  merge(other: SliSeries): void {
    for (const sli of COUNTED_SLIS) {
      this.#addCounts(this.#counts, sliCell(sli), other.counts(sli));
    }
    for (const sli of other.evaluationNames()) {
      this.#addCounts(this.#evaluationCells(sli), 0, other.evaluationCounts(sli));
    }
    for (const sli of DISTRIBUTION_SLIS) {
      const theirs = other.distribution(sli);
      if (theirs !== undefined) this.#open(sli).merge(theirs);
    }
    const depths = other.depths();
    if (depths === undefined) return;
    this.#depths ??= createDepthHistogram();
    this.#depths.merge(depths);
  }

  counts(sli: CountedSli): EventCounts {
    return read(this.#counts, sliCell(sli));
  }

  evaluationNames(): Iterable<EvaluationSli> {
    return this.#evaluations.keys();
  }

  evaluationCounts(sli: EvaluationSli): EventCounts {
    return read(this.#evaluations.get(sli), 0);
  }

  distribution(sli: DistributionSli): ExponentialHistogram | undefined {
    switch (sli) {
      case "latency":
        return this.#latency;
      case "time_to_first_token":
        return this.#firstToken;
      case "task_duration":
        return this.#duration;
      case "cost_per_task":
        return this.#cost;
    }
  }

  depths(): DepthHistogram | undefined {
    return this.#depths;
  }

  #open(sli: DistributionSli): ExponentialHistogram {
    switch (sli) {
      case "latency":
        this.#latency ??= createExponentialHistogram(MILLISECOND_RANGE);
        return this.#latency;
      case "time_to_first_token":
        this.#firstToken ??= createExponentialHistogram(MILLISECOND_RANGE);
        return this.#firstToken;
      case "task_duration":
        this.#duration ??= createExponentialHistogram(MILLISECOND_RANGE);
        return this.#duration;
      case "cost_per_task":
        this.#cost ??= createExponentialHistogram(NANO_USD_RANGE);
        return this.#cost;
    }
  }

  #evaluationCells(sli: EvaluationSli): Float64Array {
    let cells = this.#evaluations.get(sli);
    if (cells === undefined) {
      cells = new Float64Array(OUTCOMES);
      this.#evaluations.set(sli, cells);
    }
    return cells;
  }

  #addCounts(cells: Float64Array, cell: number, counts: EventCounts): void {
    add(cells, cell, counts.good);
    add(cells, cell + 1, counts.bad);
    add(cells, cell + 2, counts.excluded);
  }
}
