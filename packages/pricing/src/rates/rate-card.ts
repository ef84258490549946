import type { RateCard } from "@burnrate/core";
import { affordableOutput, ceilingOf, createCeiling } from "./ceiling.ts";
import { isFree } from "./rate.ts";
import type { Tiers } from "./rate-set.ts";
import { nextChange, type Schedule, variantAt, variantsWithinADay } from "./schedule.ts";
import type { UnitBilling } from "./unit-cost.ts";
import { usageCost } from "./usage-cost.ts";

/** A model with all its prices, past and announced. */
export interface PricedModel extends Limits {
  readonly id: string;
  readonly schedule: Schedule;
  readonly minSeconds?: number;
}

/** What a model can take and give at most, in tokens. */
export interface Limits {
  readonly maxInputTokens?: number;
  readonly maxOutputTokens?: number;
}

/** The card of a model at one instant; immutable. */
export function rateCardAt(provider: string, model: PricedModel, atMs: number): RateCard {
  const { tiers } = variantAt(model.schedule, atMs);
  const validUntilMs = nextChange(model.schedule, atMs);
  const billing = { tokenless: isTokenless(tiers), minSeconds: model.minSeconds ?? 0 };
  const bounds = variantsWithinADay(model.schedule, atMs).map((variant) => variant.tiers);
  return createRateCard({
    provider,
    model: model.id,
    tiers,
    bounds,
    billing,
    limits: {
      ...(model.maxInputTokens !== undefined && { maxInputTokens: model.maxInputTokens }),
      ...(model.maxOutputTokens !== undefined && { maxOutputTokens: model.maxOutputTokens }),
    },
    ...(validUntilMs !== undefined && { validUntilMs }),
  });
}

/** A model without token prices, such as one that transcribes by the second. */
export function isTokenless([{ rates }]: Tiers): boolean {
  const { second, image, character, searchUnit, input, output } = rates;
  const hasUnits = ![second, image, character, searchUnit].every(isFree);
  return hasUnits && isFree(input) && isFree(output);
}

/** What a rate card is made from. */
export interface RateCardInit {
  readonly provider: string;
  readonly model: string;
  readonly tiers: Tiers;
  /** Every set of tiers that the ceiling must cover. */
  readonly bounds: readonly Tiers[];
  readonly billing: UnitBilling;
  readonly limits: Limits;
  readonly validUntilMs?: number;
}

/** Makes the frozen card that the guard asks for costs, bounds and limits. */
export function createRateCard(init: RateCardInit): RateCard {
  const { provider, model, tiers, billing, limits, validUntilMs } = init;
  const ceiling = createCeiling(init.bounds, billing);
  return Object.freeze({
    provider,
    model,
    ...limits,
    ...(validUntilMs !== undefined && { validUntilMs }),
    cost: (usage) => usageCost(tiers, usage, billing),
    ceiling: (inputTokens, outputTokens, units) =>
      ceilingOf(ceiling, inputTokens, outputTokens, units),
    affordableOutputTokens: (inputTokens, nanoUsd, units) =>
      affordableOutput(ceiling, inputTokens, nanoUsd, units),
  } satisfies RateCard);
}
