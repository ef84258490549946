/** Depths up to this are told apart; deeper ones share one cell. */
const DEEPEST = 16;

/** How deep delegations go: exact counts of the depths 0 to 16, and of everything deeper. */
export interface DepthHistogram {
  readonly count: number;
  readonly sum: number;
  /** 0 without values. */
  readonly max: number;
  /** Values refused because they are not whole numbers ≥ 0. */
  readonly invalid: number;
  /** Counts one depth, in constant time and without allocation; false when it is invalid. */
  record(depth: number): boolean;
  /** Adds what another histogram holds. */
  merge(other: DepthHistogram): void;
  /** How many events had this depth; 17 counts everything deeper than 16. */
  countAt(depth: number): number;
  /** Nearest rank, exact up to 16 and the maximum beyond; undefined without values. */
  quantile(fraction: number): number | undefined;
}

/** Makes an empty depth histogram, of fixed size. */
export function createDepthHistogram(): DepthHistogram {
  const counts = new Float64Array(DEEPEST + 2);
  let count = 0;
  let sum = 0;
  let max = 0;
  let invalid = 0;
  const countAt = (depth: number): number => counts[depth] ?? 0;
  return {
    get count() {
      return count;
    },
    get sum() {
      return sum;
    },
    get max() {
      return max;
    },
    get invalid() {
      return invalid;
    },
    record(depth) {
      if (!Number.isSafeInteger(depth) || depth < 0) {
        invalid += 1;
        return false;
      }
      const cell = Math.min(depth, DEEPEST + 1);
      counts[cell] = countAt(cell) + 1;
      count += 1;
      sum += depth;
      if (depth > max) max = depth;
      return true;
    },
    merge(other) {
      for (let cell = 0; cell < counts.length; cell += 1) {
        counts[cell] = countAt(cell) + other.countAt(cell);
      }
      count += other.count;
      sum += other.sum;
      max = Math.max(max, other.max);
      invalid += other.invalid;
    },
    countAt,
    quantile(fraction) {
      if (count === 0 || !(fraction >= 0 && fraction <= 1)) return undefined;
      const rank = Math.max(1, Math.ceil(fraction * count));
      let seen = 0;
      for (let depth = 0; depth <= DEEPEST; depth += 1) {
        seen += countAt(depth);
        if (seen >= rank) return depth;
      }
      return max;
    },
  };
}
