/**
 * An exact price of one token, request, image, second, character or search unit: whole nano-dollars
 * plus millionths of a nano-dollar. Two numbers, so that neither sum of a large call leaves the
 * safe integers.
 */
export interface Rate {
  readonly nano: number;
  readonly millionths: number;
}

const MILLION = 1_000_000;

/** Costs nothing. */
export const FREE: Rate = Object.freeze({ nano: 0, millionths: 0 });

/** Splits a whole number of femto-dollars, as the generated data has them. */
export function rateFromFemto(femto: number): Rate {
  const millionths = femto % MILLION;
  return Object.freeze({ nano: (femto - millionths) / MILLION, millionths });
}

/** Whether one rate is above another, to the millionth of a nano-dollar. */
export function isDearer(a: Rate, b: Rate): boolean {
  return a.nano === b.nano ? a.millionths > b.millionths : a.nano > b.nano;
}

/** Whether a rate costs nothing at all. */
export function isFree({ nano, millionths }: Rate): boolean {
  return nano === 0 && millionths === 0;
}

/** The highest of several rates; free when there are none. */
export function dearestRate(...rates: readonly Rate[]): Rate {
  return rates.reduce((dearest, rate) => (isDearer(rate, dearest) ? rate : dearest), FREE);
}

/** Twice a rate; what Anthropic charges to write its one-hour cache, over the input rate. */
export function twice({ nano, millionths }: Rate): Rate {
  const rest = (millionths * 2) % MILLION;
  return { nano: nano * 2 + (millionths * 2 - rest) / MILLION, millionths: rest };
}

/**
 * Adds whole nano-dollars and millionths to one charge, the remainder rounded up. A sum that no
 * longer fits, or is no amount at all, becomes `Number.MAX_SAFE_INTEGER`: it may stop a call, but
 * it can never wrap, lose its lower digits, or refund.
 */
export function toCharge(nano: number, millionths: number): number {
  const countable =
    nano >= 0 &&
    millionths >= 0 &&
    nano <= Number.MAX_SAFE_INTEGER &&
    millionths <= Number.MAX_SAFE_INTEGER;
  if (!countable) return Number.MAX_SAFE_INTEGER;
  const rest = millionths % MILLION;
  const charge = Math.ceil(nano) + (millionths - rest) / MILLION + (rest > 0 ? 1 : 0);
  return Math.min(charge, Number.MAX_SAFE_INTEGER);
}
