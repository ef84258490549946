import type { RateCard } from "@burnrate/core";
import { createRateCard, type PricedModel } from "../rates/rate-card.ts";
import { dearerRates, type RateSet } from "../rates/rate-set.ts";
import { nextChange, variantsWithinADay } from "../rates/schedule.ts";

/** Model name of the card that stands for "whatever it is, it costs no more than this". */
export const DEAREST = "(dearest)";

/**
 * A card whose every rate is the dearest of any model's, so that no model of these costs more.
 * Undefined without models.
 */
export function dearestCard(
  provider: string,
  models: readonly PricedModel[],
  atMs: number,
): RateCard | undefined {
  let rates: RateSet | undefined;
  let validUntilMs = Number.POSITIVE_INFINITY;
  for (const { schedule } of models) {
    validUntilMs = Math.min(validUntilMs, nextChange(schedule, atMs) ?? validUntilMs);
    for (const { tiers } of variantsWithinADay(schedule, atMs)) {
      for (const tier of tiers) rates = rates ? dearerRates(rates, tier.rates) : tier.rates;
    }
  }
  if (rates === undefined) return undefined;
  const tiers = [{ above: -1, rates }] as const;
  return createRateCard({
    provider,
    model: DEAREST,
    tiers,
    bounds: [tiers],
    billing: { tokenless: false, minSeconds: 0 },
    limits: {},
    ...(Number.isFinite(validUntilMs) && { validUntilMs }),
  });
}
