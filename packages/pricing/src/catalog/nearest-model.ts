import { nearest } from "@burnrate/core/adapter";
import { providerCatalog } from "./catalog.ts";
import { normalizeProvider } from "./provider-name.ts";

/** The id of a provider's model that was probably meant, for messages. */
export function nearestModel(provider: string, model: string): string | undefined {
  const catalog = providerCatalog(normalizeProvider(provider));
  return catalog && nearest(model, catalog.byName.keys());
}
