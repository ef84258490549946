/**
 * Below this probability so many bad events are no accident of an objective that just keeps its
 * budget.
 */
export const GUARD_PROBABILITY = 1e-3;
/** One bad event pages nobody, whatever the target. */
const MIN_BAD = 2;
/** Beyond so many bad events a ratio means what it says, also for factors near 1. */
const MAX_BAD = 64;
/** How far apart ratio and table must be for the table to end. */
const MARGIN = 1.2;

/** So many bad events mean something among up to so many. */
export interface GuardStep {
  readonly bad: number;
  readonly maxTotal: number;
}

/**
 * k(n) over raw counts: `bad` events among `total` are evidence when a step holds with at least so
 * few bad and at least as many in all, or when `total` is beyond the last step. Steps grow in both.
 */
export interface GuardTable {
  readonly steps: readonly GuardStep[];
}

const tables = new Map<string, GuardTable>();
const MAX_TABLES = 1_000;

/**
 * Compiles the low-traffic guard of a burn-rate rule: `bad` among `n` pass when P(X ≥ bad) is below
 * 0.001 for X binomial(n, budget). At high traffic whatever exceeds the factor passes, so the table
 * ends there.
 * @see https://en.wikipedia.org/wiki/Binomial_distribution
 */
export function guardTable(budget: number, factor: number): GuardTable {
  const key = `${budget}:${factor}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const steps: GuardStep[] = [];
  let maxTotal = 1;
  for (let bad = MIN_BAD; bad <= MAX_BAD; bad++) {
    maxTotal = lastTotal(bad, budget, maxTotal);
    if (maxTotal < bad) continue; // not even all of them bad would be evidence
    steps.push({ bad, maxTotal });
    if (bad > MIN_BAD && maxTotal * budget * factor > bad * MARGIN) break;
  }
  const table = { steps };
  if (tables.size >= MAX_TABLES) tables.clear();
  tables.set(key, table);
  return table;
}

/** Whether so many bad events among so many are more than bad luck. */
export function isEvidence({ steps }: GuardTable, bad: number, total: number): boolean {
  for (const step of steps) {
    if (total <= step.maxTotal) return bad >= step.bad;
  }
  return bad >= MIN_BAD;
}

/** The largest n for which `bad` of n are evidence, by doubling and halving. */
function lastTotal(bad: number, budget: number, from: number): number {
  const isRare = (total: number): boolean => tail(bad, total, budget) < GUARD_PROBABILITY;
  if (!isRare(bad)) return bad - 1;
  let low = Math.max(bad, from);
  if (!isRare(low)) return low;
  let high = low * 2;
  while (isRare(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isRare(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** P(X ≥ k) for X binomial(n, p), exactly: one minus the k terms below, in logarithms. */
export function tail(k: number, n: number, p: number): number {
  if (k > n) return 0;
  // From the top where that is shorter or where 1 − sum would cancel.
  let logTerm = logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let sum = 0;
  for (let i = k; i <= n; i++) {
    const term = Math.exp(logTerm);
    sum += term;
    if (i > n * p && term < sum * 1e-17) break;
    logTerm += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
