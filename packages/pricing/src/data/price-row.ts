/**
 * Prices of one model at one time and tier, in femto-dollars (10⁻¹⁵ $, a millionth of a
 * nano-dollar) for one token, request, image or second. Whole numbers.
 */
export interface RowPrices {
  readonly in?: number;
  readonly out?: number;
  readonly read?: number;
  readonly write5m?: number;
  readonly write1h?: number;
  readonly reasoning?: number;
  readonly audioIn?: number;
  readonly audioOut?: number;
  readonly audioRead?: number;
  readonly imageIn?: number;
  readonly imageOut?: number;
  readonly request?: number;
  readonly image?: number;
  readonly second?: number;
}

/** Prices for every token of a call whose whole input is more than `above` tokens. */
export interface RowTier extends RowPrices {
  readonly above: number;
}

/** Prices that hold from a date (00:00 UTC) or between two times of each day (UTC). */
export interface RowVariant extends RowPrices {
  readonly since?: string;
  readonly daily?: readonly [from: string, until: string];
  readonly tiers?: readonly RowTier[];
}

/**
 * One line of the generated data: a model of a provider. With several variants the last one that
 * applies wins, and the first one when none does.
 */
export interface PriceRow {
  readonly id: string;
  /** Other exact names of the same model. */
  readonly names?: readonly string[];
  readonly maxIn?: number;
  readonly maxOut?: number;
  /** The shortest time that is billed, in seconds. */
  readonly minSeconds?: number;
  readonly prices: readonly [RowVariant, ...RowVariant[]];
}

/** One provider's header line. */
export interface ProviderRow {
  readonly provider: string;
  /** Providers whose list prices apply to models that this one does not list itself. */
  readonly fallbacks?: readonly string[];
}
