/** Thousands in groups of three with one kind of separator, so that `1,5` is never read as 15. */
const DECIMAL =
  /^(-?)(\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+|\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;
const MAX_LENGTH = 100;
const DOUBLE_DIGITS = 15;

/** A decimal times a power of ten, when that is a whole number that a `number` holds exactly. */
export type ScaledDecimal =
  | { readonly kind: "whole"; readonly value: number }
  | { readonly kind: "fractional" }
  | { readonly kind: "too-large" }
  | { readonly kind: "malformed" };

/**
 * Reads a decimal and multiplies it by 10^`power`, exactly: no binary fraction is ever involved, so
 * 0.1 dollars are 100,000,000 nano-dollars and not one more or less. A number may be the sum of
 * somebody's floats: where it is too fine, what lies beyond the 15 digits that a double carries is
 * noise, so that 0.1 + 0.2 is 0.3. Text is taken at its word.
 */
export function scaleDecimal(amount: number | string, power: number): ScaledDecimal {
  const scaled = scaleText(String(amount), power);
  if (scaled.kind !== "fractional" || typeof amount !== "number") return scaled;
  return scaleText(String(Number(amount.toPrecision(DOUBLE_DIGITS))), power);
}

function scaleText(text: string, power: number): ScaledDecimal {
  const match = text.length > MAX_LENGTH ? null : DECIMAL.exec(text);
  if (match === null) return { kind: "malformed" };
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = BigInt(whole.replaceAll(/[,_]/g, "") + fraction);
  const shift = Number(exponent) - fraction.length + power;
  const factor = 10n ** BigInt(Math.abs(shift));
  if (shift < 0 && digits % factor !== 0n) return { kind: "fractional" };
  const scaled = shift < 0 ? digits / factor : digits * factor;
  if (scaled > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: "too-large" };
  return { kind: "whole", value: Number(sign === "-" ? -scaled : scaled) };
}
