import type { Labels } from "../accumulate/family.ts";
import type { Histogram } from "../accumulate/histogram.ts";
import type { MetricDefinition } from "../semantic-conventions.ts";

/** One number of a counter or gauge. */
export interface NumberPoint {
  readonly labels: Labels;
  readonly value: number;
}

/** One distribution. */
export interface HistogramPoint {
  readonly labels: Labels;
  readonly histogram: Histogram;
}

/** A metric and all of its series at one moment: what every way of exporting reads. */
export type MetricFamily =
  | {
      readonly kind: "number";
      readonly definition: MetricDefinition;
      readonly points: readonly NumberPoint[];
    }
  | {
      readonly kind: "histogram";
      readonly definition: MetricDefinition;
      readonly points: readonly HistogramPoint[];
    };

/** A family of numbers. */
export function numbers(
  definition: MetricDefinition,
  points: readonly NumberPoint[],
): MetricFamily {
  return { kind: "number", definition, points };
}

/** A family of distributions. */
export function histograms(
  definition: MetricDefinition,
  points: readonly HistogramPoint[],
): MetricFamily {
  return { kind: "histogram", definition, points };
}

/** A metric of one number without labels. */
export function single(definition: MetricDefinition, value: number): MetricFamily {
  return numbers(definition, [{ labels: {}, value }]);
}
