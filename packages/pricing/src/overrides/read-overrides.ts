import { checkObject, optionError, quote, refuseUnknownKeys } from "@burnrate/core/adapter";
import { findRow } from "../catalog/find-row.ts";
import { nearestModel } from "../catalog/nearest-model.ts";
import { normalizeProvider } from "../catalog/provider-name.ts";
import { readRow } from "../catalog/read-row.ts";
import type { PriceRow } from "../data/price-row.ts";
import type { Rate } from "../rates/rate.ts";
import type { PricedModel } from "../rates/rate-card.ts";
import type { KnownRates, RateName } from "../rates/rate-set.ts";
import type { PriceOverride } from "./override.ts";
import { usdToRate } from "./usd-rate.ts";

/** Models by exact id in lower case, by provider. */
export type OverrideTable = ReadonlyMap<string, ReadonlyMap<string, PricedModel>>;

const RATES: Readonly<Record<string, readonly [name: RateName, units: "million" | "one"]>> = {
  inputPerMillionUsd: ["input", "million"],
  outputPerMillionUsd: ["output", "million"],
  cacheReadPerMillionUsd: ["cacheRead", "million"],
  cacheWrite5mPerMillionUsd: ["cacheWrite5m", "million"],
  cacheWrite1hPerMillionUsd: ["cacheWrite1h", "million"],
  reasoningPerMillionUsd: ["reasoning", "million"],
  audioInputPerMillionUsd: ["audioInput", "million"],
  audioOutputPerMillionUsd: ["audioOutput", "million"],
  audioCacheReadPerMillionUsd: ["audioCacheRead", "million"],
  imageInputPerMillionUsd: ["imageInput", "million"],
  imageOutputPerMillionUsd: ["imageOutput", "million"],
  perRequestUsd: ["request", "one"],
  perImageUsd: ["image", "one"],
  perSecondUsd: ["second", "one"],
  perCharacterUsd: ["character", "one"],
  perSearchUnitUsd: ["searchUnit", "one"],
};

const LIMITS = ["maxInputTokens", "maxOutputTokens"] as const;
const KEYS = [...Object.keys(RATES), ...LIMITS, "aliases", "extends"];

/**
 * Checks overrides and compiles them to models.
 * @throws {ConfigError} `BR9001` naming the option, what was given and what is allowed.
 */
export function readOverrides(overrides: unknown = {}): OverrideTable {
  const table = new Map<string, Map<string, PricedModel>>();
  for (const [key, value] of Object.entries(checkObject("overrides", overrides))) {
    const path = `overrides[${quote(key)}]`;
    const { provider, id } = splitKey(path, key);
    const options = checkObject(path, value);
    const models = table.get(provider) ?? new Map<string, PricedModel>();
    table.set(provider, models);
    const model = readModel(path, { provider, id }, options);
    for (const name of [id, ...checkAliases(`${path}.aliases`, options["aliases"])]) {
      refuseTaken(path, name, models.get(name.toLowerCase()), model);
      models.set(name.toLowerCase(), model);
    }
  }
  return table;
}

/** Of two prices for one name the order of the options would choose. */
function refuseTaken(
  path: string,
  name: string,
  taken: PricedModel | undefined,
  model: PricedModel,
): void {
  if (taken === undefined || taken === model) return;
  const expected = `without the name ${quote(name)}, which the override of ${quote(taken.id)} has`;
  throw optionError(path, name, expected);
}

interface ModelKey {
  readonly provider: string;
  readonly id: string;
}

function splitKey(path: string, key: string): ModelKey {
  const slash = key.indexOf("/");
  const provider = normalizeProvider(key.slice(0, Math.max(slash, 0)));
  const id = key.slice(slash + 1).trim();
  if (provider === "" || id === "" || id.length > 256) {
    throw optionError(path, key, 'named "provider/model", such as "openai/gpt-5"');
  }
  refusePattern(path, key);
  return { provider, id };
}

/** A price for a family would be a guess for its next model; a pattern would match nothing. */
function refusePattern(path: string, id: string): void {
  if (!id.includes("*")) return;
  throw optionError(
    path,
    id,
    "an exact model id: patterns are not matched, name each model or use aliases",
  );
}

function readModel(
  path: string,
  { provider, id }: ModelKey,
  options: Readonly<Record<string, unknown>>,
): PricedModel {
  refuseUnknownKeys(path, options, KEYS);
  const rates = readRates(path, options);
  const base = baseRow(path, { provider, id }, options["extends"]);
  if (base === undefined) requirePrices(path, options, rates);
  const row: PriceRow = base ?? { id, prices: [{}] };
  return { ...readRow(provider, row, rates), id, ...readLimits(path, options) };
}

function readRates(path: string, options: Readonly<Record<string, unknown>>): KnownRates {
  const rates: Partial<Record<RateName, Rate>> = {};
  for (const [key, [name, units]] of Object.entries(RATES)) {
    if (options[key] !== undefined) rates[name] = usdToRate(`${path}.${key}`, options[key], units);
  }
  return rates;
}

/** What an override starts from: the model that it extends, or the one of its own name. */
function baseRow(path: string, key: ModelKey, extended: unknown): PriceRow | undefined {
  if (extended === undefined) return findRow(key.provider, key.id)?.row;
  const text = typeof extended === "string" ? extended : "";
  const slash = text.indexOf("/");
  const provider = normalizeProvider(text.slice(0, Math.max(slash, 0)));
  const found = provider === "" ? undefined : findRow(provider, text.slice(slash + 1));
  if (found === undefined) {
    const model = nearestModel(provider, text.slice(slash + 1));
    throw optionError(`${path}.extends`, extended, 'a model in the data, such as "openai/gpt-5"', {
      nearest: model === undefined ? undefined : `${provider}/${model}`,
    });
  }
  return found.row;
}

/** A new model is never half priced: what it lacks would cost nothing. */
function requirePrices(
  path: string,
  options: Readonly<Record<string, unknown>>,
  { input, output, request, image, second, character, searchUnit }: KnownRates,
): void {
  const complete =
    input !== undefined && (output !== undefined || options["maxOutputTokens"] === 0);
  const tokenless = input === undefined && output === undefined;
  const hasUnits = (request ?? image ?? second ?? character ?? searchUnit) !== undefined;
  if (complete || (tokenless && hasUnits)) return;
  const expected =
    "given inputPerMillionUsd and outputPerMillionUsd (or perRequestUsd, perImageUsd, " +
    "perSecondUsd, perCharacterUsd, perSearchUnitUsd, or extends), because the data does not " +
    "have this model";
  throw optionError(path, Object.keys(options).join(", "), expected);
}

function readLimits(path: string, options: Readonly<Record<string, unknown>>): PriceOverride {
  const limits: Partial<Record<(typeof LIMITS)[number], number>> = {};
  for (const key of LIMITS) {
    const value = options[key];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw optionError(`${path}.${key}`, value, "a whole number of tokens from 0");
    }
    limits[key] = value as number;
  }
  return limits;
}

function checkAliases(path: string, aliases: unknown): readonly string[] {
  if (aliases === undefined) return [];
  const names = Array.isArray(aliases) ? Array.from<unknown>(aliases) : [undefined];
  if (!names.every(isName)) throw optionError(path, aliases, "a list of model ids");
  for (const name of names) refusePattern(path, name);
  return names;
}

function isName(name: unknown): name is string {
  return typeof name === "string" && name.trim() !== "" && name.length <= 256;
}
