import { createHash } from "node:crypto";
import { PRICE_SET } from "../data/rate-cards.ts";

/**
 * Names the prices in use: the data's version, and a digest of whatever the options change, which
 * is the same in every process that has the same options.
 */
export function priceSetVersion(options: readonly object[]): string {
  if (options.every((option) => Object.keys(option).length === 0)) return PRICE_SET;
  const digest = createHash("sha256").update(canonical(options)).digest("hex").slice(0, 12);
  return `${PRICE_SET}.overrides-${digest}`;
}

/** JSON with sorted keys, so that the order in which options are written means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}
