import type { PriceBook, RateCard } from "@burnrate/core";
import {
  checkObject,
  nearest,
  optionError,
  quote,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { catalogModels, catalogProviders } from "../catalog/catalog.ts";
import { findRow, GATEWAY } from "../catalog/find-row.ts";
import { namesToTry } from "../catalog/model-name.ts";
import { normalizeProvider } from "../catalog/provider-name.ts";
import { readRow } from "../catalog/read-row.ts";
import type { InputEstimator } from "../estimate/input-estimator.ts";
import type { PriceOverride } from "../overrides/override.ts";
import { type OverrideTable, readOverrides } from "../overrides/read-overrides.ts";
import { type PricedModel, rateCardAt } from "../rates/rate-card.ts";
import { dearestCard } from "./dearest-card.ts";
import { readEstimator } from "./read-estimator.ts";
import { createResolveMemo } from "./resolve-memo.ts";
import { priceSetVersion } from "./version.ts";

/** Everything optional: without options, the list prices of the data. */
export interface PriceBookOptions {
  /** Models to add or change, by `provider/model`. */
  readonly overrides?: Readonly<Record<string, PriceOverride>>;
  /**
   * Other names of providers, and whose list prices they charge:
   * `{ "my-gateway": "openai" }`. A name that is not known has no prices otherwise. Refused for one
   * whose prices neither the data nor an override has.
   */
  readonly providers?: Readonly<Record<string, string>>;
  /**
   * How the input of a call is estimated before it is sent. `"bytes"` (the default): one token a
   * byte, which no text exceeds, four to six times what a call uses. `"calibrated"`: the part
   * of that which calls like it turned out to have. Or `exactTokens({ … })`: the model's own
   * tokenizer. Only `"bytes"` is a bound; with the others a call can cost more than it reserved.
   */
  readonly estimator?: "bytes" | "calibrated" | InputEstimator;
}

const MAX_REMEMBERED = 4_096;
const ALL = "*";
const OPTIONS = ["overrides", "providers", "estimator"];

/**
 * Makes a price book: dated list prices of some 1,700 models, and yours. An id resolves exactly or
 * as a dated snapshot of an exact id; anything else is unknown, never a guess, since a price that
 * was guessed too low is money spent unseen. A call without a provider resolves only to an
 * override, or to an id that exactly one model maker has.
 *
 * @throws {ConfigError} `BR9001` when an option is wrong.
 *
 * @example
 * const prices = createPriceBook({
 *   overrides: { "openai/gpt-9": { inputPerMillionUsd: 2, outputPerMillionUsd: "10" } },
 * });
 * const guard = createGuard({ prices });
 */
export function createPriceBook(options: PriceBookOptions = {}): PriceBook {
  const checked = checkObject("createPriceBook options", options);
  refuseUnknownKeys("createPriceBook", checked, OPTIONS);
  const overrides = readOverrides(checked["overrides"]);
  const priced = [...catalogProviders(), GATEWAY, ...overrides.keys()];
  const providers = readProviders(priced, checked["providers"]);
  const own: OwnPrices = { overrides, providers };
  const { estimateInputTokens, observe } = readEstimator(checked["estimator"]);
  const memo = createResolveMemo(MAX_REMEMBERED);
  const dearest = createResolveMemo(MAX_REMEMBERED);
  const canonical = (name: string): string => providers.get(name) ?? name;

  return Object.freeze({
    version: priceSetVersion([options.overrides ?? {}, options.providers ?? {}]),
    resolve(provider: string, model: string, atMs: number): RateCard | undefined {
      if (typeof model !== "string" || !Number.isFinite(atMs)) return undefined;
      const known = memo.get(provider ?? "", model, atMs);
      if (known !== undefined) return known.card;
      const name = normalizeProvider(provider ?? "");
      const card =
        findOverrideCard(own, name, model, atMs) ?? findCard(own, canonical(name), model, atMs);
      memo.set(provider ?? "", model, { card, ...validity(card, atMs) });
      return card;
    },
    canonicalProvider: (provider: string) => canonical(normalizeProvider(provider)),
    dearest(provider: string, atMs: number): RateCard | undefined {
      const name = canonical(normalizeProvider(provider ?? ""));
      const known = dearest.get(name, ALL, atMs);
      if (known !== undefined) return known.card;
      const card = findDearest(overrides, name, atMs);
      dearest.set(name, ALL, { card, ...validity(card, atMs) });
      return card;
    },
    estimateInputTokens,
    ...(observe && { observe }),
  });
}

/** What the options say, by normalised names of providers. */
interface OwnPrices {
  readonly overrides: OverrideTable;
  readonly providers: ReadonlyMap<string, string>;
}

/** Half-open. A card that has no end may still have had a beginning, so time never runs back. */
function validity(
  card: RateCard | undefined,
  atMs: number,
): { readonly fromMs: number; readonly untilMs: number } {
  return { fromMs: atMs, untilMs: card?.validUntilMs ?? Number.POSITIVE_INFINITY };
}

function findCard(
  prices: OwnPrices,
  provider: string,
  model: string,
  atMs: number,
): RateCard | undefined {
  const own = findOverrideCard(prices, provider, model, atMs);
  if (own !== undefined) return own;
  const found = findRow(provider, model);
  if (found === undefined) return undefined;
  // Records name a model by its id in the data, and so do those who override it.
  const isListed = provider === "" || provider === found.provider;
  const renamed = isListed
    ? findOverrideCard(prices, found.provider, found.row.id, atMs)
    : undefined;
  return renamed ?? rateCardAt(found.provider, readRow(found.provider, found.row), atMs);
}

function findOverrideCard(
  prices: OwnPrices,
  provider: string,
  model: string,
  atMs: number,
): RateCard | undefined {
  const own = prices.overrides.size === 0 ? undefined : findOverride(prices, provider, model);
  return own && rateCardAt(own.provider, own.model, atMs);
}

interface FoundOverride {
  readonly provider: string;
  readonly model: PricedModel;
}

function findOverride(
  { overrides, providers }: OwnPrices,
  provider: string,
  model: string,
): FoundOverride | undefined {
  const found = (provider === "" ? [...overrides.keys()] : [provider]).flatMap((name) => {
    const models = overrides.get(name);
    const key = namesToTry(name, model).find((candidate) => models?.has(candidate));
    const held = key === undefined ? undefined : models?.get(key);
    const lister = providers.get(name) ?? name;
    if (held === undefined || isListedApart(lister, model, key as string)) return [];
    return [{ provider: name, model: held }];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Whether the data has an id of its own for what is a dated snapshot of another by its name. */
function isListedApart(provider: string, model: string, base: string): boolean {
  const listed = findRow(provider, model)?.row;
  return listed !== undefined && listed !== findRow(provider, base)?.row;
}

function findDearest(
  overrides: OverrideTable,
  provider: string,
  atMs: number,
): RateCard | undefined {
  const modelsOf = (name: string): readonly PricedModel[] => [
    ...catalogModels(name),
    ...(overrides.get(name)?.values() ?? []),
  ];
  const own = dearestCard(provider, modelsOf(provider), atMs);
  if (own !== undefined) return own;
  const everyone = new Set([...catalogProviders(), ...overrides.keys()]);
  return dearestCard(provider, [...everyone].flatMap(modelsOf), atMs);
}

/** Only what has prices can lend them: a misspelt name, or one of these names, would be no price. */
function readProviders(
  priced: readonly string[],
  providers: unknown = {},
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, target] of Object.entries(checkObject("providers", providers))) {
    const path = `providers[${quote(name)}]`;
    if (typeof target !== "string" || target.trim() === "")
      throw optionError(path, target, "the name of a provider");
    const lister = normalizeProvider(target);
    if (!priced.includes(lister)) {
      const expected = "a provider that the data or overrides have prices of";
      throw optionError(path, target, expected, { nearest: nearest(lister, priced) });
    }
    names.set(normalizeProvider(name), lister);
  }
  return names;
}
