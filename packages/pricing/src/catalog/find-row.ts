import type { PriceRow } from "../data/price-row.ts";
import { providerCatalog } from "./catalog.ts";
import { namesToTry } from "./model-name.ts";
import { normalizeProvider } from "./provider-name.ts";

/** A line of data, with the provider whose list price it is. */
export interface FoundRow {
  readonly provider: string;
  readonly row: PriceRow;
}

/** The AI SDK's gateway, as its models name it. */
export const GATEWAY = "gateway";

/** Makers whose ids are their own, for calls that do not say who serves them. */
const FIRST_PARTIES = ["anthropic", "cohere", "deepseek", "google", "mistral", "openai", "x-ai"];

/**
 * Makers whose models the AI SDK's gateway sells at their list prices. Others', and those with open
 * weights, are served by many, at prices of their own.
 */
const GATEWAY_MAKERS = new Set(["anthropic", "cohere", "google", "openai", "x-ai"]);
const OPEN_WEIGHTS = /^(?:gpt-oss|gemma)\b/i;

/**
 * The line of an exact model id or a dated snapshot of one. `provider` is normalised. Azure and
 * Vertex list few prices of their own and fall back on the makers' list prices, as genai-prices
 * has it. The AI SDK's gateway names the maker in the id: `openai/gpt-5`. Without a provider only
 * an id that exactly one maker has is found.
 */
export function findRow(provider: string, model: string): FoundRow | undefined {
  if (provider === "") return findAtMaker(model);
  if (provider === GATEWAY) return findBehindGateway(model);
  const catalog = providerCatalog(provider);
  if (catalog === undefined) return undefined;
  for (const listing of [provider, ...catalog.fallbacks]) {
    const row = rowOf(listing, model, provider);
    if (row !== undefined) return { provider, row };
  }
  return undefined;
}

function rowOf(listing: string, model: string, provider: string): PriceRow | undefined {
  const byName = providerCatalog(listing)?.byName;
  for (const name of namesToTry(provider, model)) {
    const row = byName?.get(name);
    if (row !== undefined) return row;
  }
  return undefined;
}

function findBehindGateway(model: string): FoundRow | undefined {
  const slash = model.indexOf("/");
  const maker = normalizeProvider(model.slice(0, Math.max(slash, 0)));
  const name = model.slice(slash + 1);
  if (!GATEWAY_MAKERS.has(maker) || OPEN_WEIGHTS.test(name)) return undefined;
  return findRow(maker, name);
}

function findAtMaker(model: string): FoundRow | undefined {
  const found = FIRST_PARTIES.flatMap((provider) => {
    const row = rowOf(provider, model, provider);
    const isOwn = row !== undefined && !(provider === "google" && row.id.startsWith("claude"));
    return isOwn ? [{ provider, row }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
