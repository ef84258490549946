/** A trace that shows what a bucket counts. */
export interface Exemplar {
  readonly traceId: string;
  readonly spanId: string;
  readonly value: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** Where a measurement was taken, for exemplars. */
export interface TracePlace {
  readonly traceId: string;
  readonly spanId: string;
}

/** Counts values by explicit upper bounds, in constant time, without growing. */
export class Histogram {
  readonly bounds: readonly number[];
  /** One more than bounds: the last one is for everything above. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;
  min: number = Number.POSITIVE_INFINITY;
  max: number = Number.NEGATIVE_INFINITY;
  /** The latest of each bucket; empty until a measurement came with a trace. */
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value; what is negative or no number is left out. */
  record(value: number, place?: TracePlace, atMs = 0): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.sum += value;
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (place !== undefined) {
      const { traceId, spanId } = place;
      this.exemplars[bucket] = { traceId, spanId, value, atMs };
    }
  }
}
