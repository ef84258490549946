import type { ConditionalPrice, MatchLogic, ModelInfo, Provider } from "@pydantic/genai-prices";
import type { PriceRow, RowPrices, RowTier, RowVariant } from "../src/data/price-row.ts";
import { MAX_OUTPUT_TOKENS } from "./max-output.ts";
import { PUBLISHED_NAMES } from "./published-names.ts";
import { resolvesTo } from "./resolve-name.ts";

/** genai-prices' price keys, our field, and how many units one price is for. */
const KEYS: Readonly<Record<string, readonly [field: keyof RowPrices, per: bigint]>> = {
  input_mtok: ["in", 1_000_000n],
  output_mtok: ["out", 1_000_000n],
  cache_read_mtok: ["read", 1_000_000n],
  cache_write_mtok: ["write5m", 1_000_000n],
  cache_write_1h_mtok: ["write1h", 1_000_000n],
  output_reasoning_mtok: ["reasoning", 1_000_000n],
  input_audio_mtok: ["audioIn", 1_000_000n],
  output_audio_mtok: ["audioOut", 1_000_000n],
  cache_audio_read_mtok: ["audioRead", 1_000_000n],
  input_image_mtok: ["imageIn", 1_000_000n],
  output_image_mtok: ["imageOut", 1_000_000n],
  requests_kcount: ["request", 1_000n],
  audio_hours: ["second", 3_600n],
};

/**
 * Prices of things that `Usage` cannot say, or can say only at a dearer rate. A model that has no
 * other price cannot be priced here.
 */
const LEFT_OUT = new Set([
  "cache_image_read_mtok",
  "input_annotated_document_kpages",
  "input_audio_hours", // the same figure as audio_hours
  "input_document_kpages",
  "input_video_mtok",
  "output_citation_mtok",
  "storage_searches_kcount",
  "web_searches_kcount",
]);

/** Prices without which a figure would be too low, so that the model is left out altogether. */
const UNPRICEABLE = new Set(["output_video_mtok", "input_text_messages_kcount"]);

/** Billed minimum of a transcription in seconds; in genai-prices this is code, not data. */
const MIN_SECONDS: Readonly<Record<string, number>> = {
  "groq/whisper-large-v3": 10,
  "groq/whisper-large-v3-turbo": 10,
};

/** One model's line, or undefined when the data has no price for it that `Usage` can meet. */
export function compileModel(provider: Provider, model: ModelInfo): PriceRow | undefined {
  const [first, ...others] = conditionalPrices(model).map(compileVariant);
  if (first === undefined || !isPriceable(model)) return undefined;
  const key = `${provider.id}/${model.id}`;
  const names = exactNames(provider, model);
  const maxIn = maxInput(model, first);
  const maxOut = MAX_OUTPUT_TOKENS[key] ?? (isEmbedding(first) ? 0 : undefined);
  return {
    id: model.id,
    ...(names.length > 0 && { names }),
    ...(maxIn !== undefined && { maxIn }),
    ...(maxOut !== undefined && { maxOut }),
    ...(MIN_SECONDS[key] !== undefined && { minSeconds: MIN_SECONDS[key] }),
    prices: [first, ...others],
  };
}

function conditionalPrices({ prices }: ModelInfo): readonly ConditionalPrice[] {
  return Array.isArray(prices) ? prices : [{ prices }];
}

function priceKeys(model: ModelInfo): readonly string[] {
  return conditionalPrices(model).flatMap(({ prices }) => Object.keys(prices));
}

/** No price at all means "free" only where the name says so; otherwise it means "not known". */
function isPriceable(model: ModelInfo): boolean {
  const keys = priceKeys(model);
  if (keys.some((key) => UNPRICEABLE.has(key))) return false;
  if (!isHeard(model.id, keys)) return false;
  return model.id.endsWith(":free") || keys.some((key) => KEYS[key] !== undefined);
}

/** Audio costs many times what text does: a name that says audio is not charged as text alone. */
function isHeard(name: string, keys: readonly string[]): boolean {
  return !/\baudio\b/.test(name) || keys.some((key) => key.includes("audio"));
}

function isEmbedding({ in: input, out, second }: RowVariant): boolean {
  return input !== undefined && out === undefined && second === undefined;
}

/** A context window that a dearer tier lies beyond is not the model's real maximum. */
function maxInput(model: ModelInfo, { tiers = [] }: RowVariant): number | undefined {
  const window = model.context_window;
  return window === undefined || tiers.some(({ above }) => above >= window) ? undefined : window;
}

function compileVariant({ constraint, prices }: ConditionalPrice): RowVariant {
  const base: Record<string, number> = {};
  const starts = new Set<number>();
  for (const [key, price] of Object.entries(prices)) {
    const known = KEYS[key];
    if (known === undefined && !LEFT_OUT.has(key) && !UNPRICEABLE.has(key)) {
      throw new Error(`a new kind of price: ${key}`);
    }
    if (known === undefined || price === undefined) continue;
    base[known[0]] = toFemto(typeof price === "number" ? price : price.base, known[1]);
    if (typeof price === "object") for (const tier of price.tiers) starts.add(tier.start);
  }
  const tiers = [...starts].sort((a, b) => a - b).map((start) => compileTier(prices, base, start));
  return { ...when(constraint), ...base, ...(tiers.length > 0 && { tiers }) };
}

function when(constraint: ConditionalPrice["constraint"]): Pick<RowVariant, "since" | "daily"> {
  if (constraint === undefined) return {};
  if (constraint.type === "start_date") return { since: constraint.start_date };
  const times = [constraint.start_time, constraint.end_time] as const;
  if (!times.every((time) => /^\d\d:\d\d:\d\dZ$/.test(time))) throw new Error("a new time format");
  return { daily: times };
}

function compileTier(
  prices: ConditionalPrice["prices"],
  base: Readonly<Record<string, number>>,
  above: number,
): RowTier {
  const rates = { ...base };
  for (const [key, price] of Object.entries(prices)) {
    const known = KEYS[key];
    if (known === undefined || typeof price !== "object") continue;
    const reached = price.tiers.filter((tier) => tier.start <= above);
    const last = reached.sort((a, b) => a.start - b.start).at(-1);
    if (last !== undefined) rates[known[0]] = toFemto(last.price, known[1]);
  }
  return { above, ...rates };
}

/** Dollars for `per` units to whole femto-dollars a unit, rounded up, without float noise. */
function toFemto(usd: number, per: bigint): number {
  const [whole = "", fraction = ""] = usd.toFixed(14).split(".");
  const scaled = BigInt(trimNoise(whole, fraction)) * 10n; // 10⁻¹⁴ $ to 10⁻¹⁵ $
  const femto = Number((scaled + per - 1n) / per);
  if (!Number.isSafeInteger(femto)) throw new Error(`a price out of range: ${usd}`);
  return femto;
}

/** 0.18000000000000002 means 0.18: fifteen significant digits are all that a double carries. */
function trimNoise(whole: string, fraction: string): string {
  const exact = Number(Number(`${whole}.${fraction}`).toPrecision(14)).toFixed(14);
  return exact.replace(".", "");
}

/** Every literal in the data that is this model's own full name. */
function exactNames(provider: Provider, model: ModelInfo): string[] {
  const listed = [...literals(model.match), ...(PUBLISHED_NAMES[provider.id] ?? [])];
  if (model.id.startsWith("regional.")) listed.push(model.id.slice("regional.".length));
  const names = new Set(listed.map((name) => name.toLowerCase()));
  names.delete(model.id.toLowerCase());
  return [...names]
    .filter((name) => isWholeName(name) && isHeard(name, priceKeys(model)))
    .filter((name) => resolvesTo(provider, name, model))
    .sort();
}

function isWholeName(name: string): boolean {
  return /[a-z\d\])]$/.test(name) && !/-2025$/.test(name);
}

function literals(match: MatchLogic): string[] {
  if ("or" in match) return match.or.flatMap(literals);
  if ("and" in match) return match.and.flatMap(literals);
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [match.starts_with];
  return "contains" in match ? [match.contains] : [];
}
