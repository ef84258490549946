import type { PriceRow, ProviderRow } from "../data/price-row.ts";
import { RATE_CARDS } from "../data/rate-cards.ts";
import type { PricedModel } from "../rates/rate-card.ts";
import { readRow } from "./read-row.ts";

/** One provider's rows, found by any of their exact names in lower case. */
export interface ProviderCatalog {
  readonly fallbacks: readonly string[];
  readonly rows: readonly PriceRow[];
  readonly byName: ReadonlyMap<string, PriceRow>;
}

let sections: ReadonlyMap<string, readonly string[]> | undefined;
const catalogs = new Map<string, ProviderCatalog>();

/** The data of one provider. Each is parsed once, when it is first asked for. */
export function providerCatalog(provider: string): ProviderCatalog | undefined {
  const known = catalogs.get(provider);
  if (known !== undefined) return known;
  sections ??= readSections();
  const lines = sections.get(provider);
  if (lines === undefined) return undefined;
  const catalog = parseProvider(lines);
  catalogs.set(provider, catalog);
  return catalog;
}

/** Every provider in the data. */
export function catalogProviders(): readonly string[] {
  sections ??= readSections();
  return [...sections.keys()];
}

/** All models of a provider. */
export function catalogModels(provider: string): readonly PricedModel[] {
  return (providerCatalog(provider)?.rows ?? []).map((row) => readRow(provider, row));
}

function readSections(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let section: string[] = [];
  for (const line of RATE_CARDS.split("\n")) {
    if (line.startsWith('{"provider"')) {
      const header = JSON.parse(line) as ProviderRow;
      section = [];
      found.set(header.provider.replaceAll("_", "-"), section);
    }
    section.push(line);
  }
  return found;
}

function parseProvider([header = "{}", ...lines]: readonly string[]): ProviderCatalog {
  const rows = lines.map((line) => JSON.parse(line) as PriceRow);
  const byName = new Map<string, PriceRow>();
  for (const row of rows) byName.set(row.id.toLowerCase(), row);
  for (const row of rows) {
    for (const name of row.names ?? []) if (!byName.has(name)) byName.set(name, row);
  }
  const { fallbacks = [] } = JSON.parse(header) as ProviderRow;
  return { fallbacks, rows, byName };
}
