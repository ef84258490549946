import type { UnitBounds } from "@burnrate/core";
import type { Rate } from "./rate.ts";
import type { RateSet } from "./rate-set.ts";

/** What a call is taken to use when it is billed by one of these alone and does not say. */
const ASSUMED = { seconds: 3_600, images: 1, characters: 40_000, searchUnits: 1 };

const MS_PER_SECOND = 1_000;

/** How a model bills what is no token. */
export interface UnitBilling {
  /** Billed by units only: usage that leaves them out is charged as assumed. */
  readonly tokenless: boolean;
  readonly minSeconds: number;
}

/** Prices of what is no token. */
export type UnitRates = Pick<RateSet, "request" | "image" | "second" | "character" | "searchUnit">;

/** Whether anything was used that is no token. */
export function hasUnits({ images, seconds, characters, searchUnits }: UnitBounds): boolean {
  return isSome(images) || isSome(seconds) || isSome(characters) || isSome(searchUnits);
}

/** Whether anything is said of what is no token. */
export function saysUnits({ images, seconds, characters, searchUnits }: UnitBounds): boolean {
  return (images ?? seconds ?? characters ?? searchUnits) !== undefined;
}

function isSome(count: number | undefined): boolean {
  return count !== undefined && count > 0;
}

/** Whole nano-dollars of one request and its units; what is left over is in `unitMillionths`. */
export function unitNano(rates: UnitRates, units: UnitBounds, billing: UnitBilling): number {
  const { tokenless } = billing;
  return (
    rates.request.nano +
    (units.images ?? (tokenless ? ASSUMED.images : 0)) * rates.image.nano +
    (units.characters ?? (tokenless ? ASSUMED.characters : 0)) * rates.character.nano +
    (units.searchUnits ?? (tokenless ? ASSUMED.searchUnits : 0)) * rates.searchUnit.nano +
    secondsNano(rates.second, milliseconds(units, billing))
  );
}

/** Millionths of a nano-dollar beside `unitNano`. */
export function unitMillionths(rates: UnitRates, units: UnitBounds, billing: UnitBilling): number {
  const { tokenless } = billing;
  return (
    rates.request.millionths +
    (units.images ?? (tokenless ? ASSUMED.images : 0)) * rates.image.millionths +
    (units.characters ?? (tokenless ? ASSUMED.characters : 0)) * rates.character.millionths +
    (units.searchUnits ?? (tokenless ? ASSUMED.searchUnits : 0)) * rates.searchUnit.millionths +
    secondsMillionths(rates.second, milliseconds(units, billing))
  );
}

/** Whole nano-dollars of a duration; whole seconds, rounded up, where a product would not fit. */
function secondsNano({ nano }: Rate, ms: number): number {
  const product = ms * nano;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / MS_PER_SECOND);
  return Math.ceil(ms / MS_PER_SECOND) * nano;
}

/** What `secondsNano` leaves over, and the rate's own millionths. */
function secondsMillionths({ nano, millionths }: Rate, ms: number): number {
  const rest = ms * nano <= Number.MAX_SAFE_INTEGER ? (ms * nano) % MS_PER_SECOND : 0;
  return rest * MS_PER_SECOND + Math.ceil((ms / MS_PER_SECOND) * millionths);
}

/** Billed duration in whole milliseconds, rounded up past float noise (0.3 s is 300 ms). */
function milliseconds({ seconds }: UnitBounds, { tokenless, minSeconds }: UnitBilling): number {
  if (seconds === undefined) return tokenless ? ASSUMED.seconds * MS_PER_SECOND : 0;
  if (seconds === 0) return 0;
  return Math.ceil(Math.max(seconds, minSeconds) * MS_PER_SECOND - 1e-6);
}
