/** How unlikely failures must be under the tolerated rate before they count as evidence. */
export const SIGNIFICANCE = 0.01;

/**
 * Says for each number of calls `n` how many bad ones are evidence that more than the tolerated
 * rate of them is bad: the least `k` with P(X ≥ k | n, rate) < 0.01, X binomial. Exact and compiled
 * once, so that a call costs one read: from `n` to `n + 1` the step is 0 or 1, because
 * P(X₍ₙ₊₁₎ ≥ k) = P(Xₙ ≥ k) + rate · P(Xₙ = k − 1).
 * @see https://en.wikipedia.org/wiki/Binomial_test
 */
export function compileEvidence(rate: number, maxCalls: number): Uint16Array {
  const needed = new Uint16Array(maxCalls + 1);
  let k = 1; // of no calls, one bad one would be more than there can be
  let below = 1; // P(Xₙ = k − 1)
  let tail = 0; // P(Xₙ ≥ k)
  needed[0] = k;
  for (let n = 1; n <= maxCalls; n++) {
    tail += rate * below;
    below = nextBelow(below, n, k, rate);
    if (tail >= SIGNIFICANCE) {
      below *= ((n - k + 1) / k) * (rate / (1 - rate)); // P(Xₙ = k)
      tail -= below;
      k++;
    }
    needed[n] = k;
  }
  return needed;
}

/** P(Xₙ = k − 1) from P(Xₙ₋₁ = k − 1). */
function nextBelow(below: number, n: number, k: number, rate: number): number {
  return below * (n / (n - k + 1)) * (1 - rate);
}
