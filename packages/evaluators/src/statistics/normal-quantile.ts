/** Coefficients of the rational approximations, highest power first. */
const A = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const B = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1, 1,
];
const C = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const D = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
const TAIL = 0.02425;

/**
 * Quantile of the standard normal distribution, to a relative error of 1.2e-9.
 * @see https://web.archive.org/web/2015/http://home.online.no/~pjacklam/notes/invnorm/ P. J. Acklam
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1)) return probability === 0 ? -Infinity : Infinity;
  if (probability > 1 - TAIL) return -normalQuantile(1 - probability);
  if (probability < TAIL) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(C, q) / polynomial(D, q);
  }
  const q = probability - 0.5;
  return (q * polynomial(A, q * q)) / polynomial(B, q * q);
}

function polynomial(coefficients: readonly number[], at: number): number {
  return coefficients.reduce((sum, coefficient) => sum * at + coefficient, 0);
}

/**
 * How many standard errors an interval of this level reaches to each side.
 * @throws {RangeError} for a level such as 95 instead of 0.95.
 */
export function criticalValue(level: number): number {
  if (!(level > 0 && level < 1)) throw new RangeError("level must be between 0 and 1");
  return normalQuantile((1 + level) / 2);
}
