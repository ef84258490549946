import type { Usage } from "@burnrate/core";
import { calcPrice } from "@pydantic/genai-prices";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { catalogProviders, providerCatalog } from "../catalog/catalog.ts";
import { readRow } from "../catalog/read-row.ts";
import type { PriceRow } from "../data/price-row.ts";
import { rateCardAt } from "../rates/rate-card.ts";

/** A usage as we and as genai-prices write it. */
interface Case {
  readonly ours: Usage;
  readonly theirs: Readonly<Record<string, number>>;
}

const CASES: readonly Case[] = [
  {
    ours: { inputTokens: 1_234, outputTokens: 567 },
    theirs: { input_tokens: 1_234, output_tokens: 567 },
  },
  {
    ours: { inputTokens: 199_999, outputTokens: 1, cacheReadTokens: 150_001 },
    theirs: { input_tokens: 199_999, output_tokens: 1, cache_read_tokens: 150_001 },
  },
  {
    ours: { inputTokens: 900_000, outputTokens: 7_777, cacheReadTokens: 400_000 },
    theirs: { input_tokens: 900_000, output_tokens: 7_777, cache_read_tokens: 400_000 },
  },
  {
    ours: { inputTokens: 30_003, outputTokens: 11, cacheWrite5mTokens: 10_001 },
    theirs: { input_tokens: 30_003, output_tokens: 11, cache_write_tokens: 10_001 },
  },
  {
    ours: { inputTokens: 30_003, outputTokens: 11, cacheWrite1hTokens: 9_999 },
    theirs: {
      input_tokens: 30_003,
      output_tokens: 11,
      cache_write_tokens: 9_999,
      cache_write_1h_tokens: 9_999,
    },
  },
  {
    ours: { inputTokens: 500, outputTokens: 2_000, reasoningTokens: 1_500 },
    theirs: { input_tokens: 500, output_tokens: 2_000, output_reasoning_tokens: 1_500 },
  },
  {
    ours: {
      inputTokens: 2_500,
      outputTokens: 700,
      audioInputTokens: 2_000,
      audioOutputTokens: 600,
    },
    theirs: {
      input_tokens: 2_500,
      output_tokens: 700,
      input_audio_tokens: 2_000,
      output_audio_tokens: 600,
    },
  },
  {
    ours: { inputTokens: 2_500, outputTokens: 700, imageInputTokens: 900, imageOutputTokens: 650 },
    theirs: {
      input_tokens: 2_500,
      output_tokens: 700,
      input_image_tokens: 900,
      output_image_tokens: 650,
    },
  },
  {
    ours: { inputTokens: 0, outputTokens: 0, seconds: 90.5 },
    theirs: { audio_seconds: 90.5, input_audio_seconds: 90.5 },
  },
  {
    ours: { inputTokens: 0, outputTokens: 0, seconds: 2 },
    theirs: { audio_seconds: 2, input_audio_seconds: 2 },
  },
];

const INSTANTS = [
  "2025-01-01T00:00:00Z",
  "2026-03-13T00:00:00Z",
  "2026-10-01T00:29:59Z",
  "2026-10-01T07:00:00Z",
  "2027-01-01T00:00:00Z",
].map((text) => new Date(text));

/**
 * Where we differ from genai-prices on purpose: the dearer reading of a price that is missing, and
 * models that are billed by time and were not told how long.
 */
function isExplained(row: PriceRow, { ours }: Case): boolean {
  const [first] = row.prices;
  const isTimed = ours.seconds !== undefined;
  if ((first.second !== undefined) !== isTimed || row.prices.some(({ request }) => request)) {
    return isTimed || first.second !== undefined;
  }
  const noOutputPrice = first.out === undefined && ours.outputTokens > 0;
  const isClaude = row.id.includes("claude");
  const hourlyWrite = (ours.cacheWrite1hTokens ?? 0) > 0 && isClaude && !first.write1h;
  return noOutputPrice || hourlyWrite;
}

describe("every model against genai-prices' own arithmetic", () => {
  beforeAll(() => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
  });

  it.each([...catalogProviders()])("%s agrees within a nano-dollar", (provider) => {
    const differences: string[] = [];
    for (const row of providerCatalog(provider)?.rows ?? []) {
      differences.push(...differencesOf(provider, row));
    }
    expect(differences).toEqual([]);
  });
});

function differencesOf(provider: string, row: PriceRow): string[] {
  const found: string[] = [];
  const model = readRow(provider, row);
  for (const timestamp of row.prices.length > 1 ? INSTANTS : INSTANTS.slice(3, 4)) {
    const card = rateCardAt(provider, model, timestamp.getTime());
    for (const testCase of CASES) {
      if (isExplained(row, testCase)) continue;
      const theirs = theirPrice(provider, row, testCase, timestamp);
      const ours = card.cost(testCase.ours);
      // Up to one nano-dollar for our rounding up, and the noise of their floats.
      const agrees = ours >= theirs - 1e-3 && ours < theirs + 1 + 1e-3 + theirs * 1e-8;
      if (!agrees) found.push(`${row.id} ${JSON.stringify(testCase.ours)}: ${ours} ≠ ${theirs}`);
    }
  }
  return found;
}

/** Asked by a name that genai-prices matches to this very model. */
function theirPrice(provider: string, row: PriceRow, { theirs }: Case, timestamp: Date): number {
  const providerId = provider.startsWith("huggingface-")
    ? provider.replace("huggingface-", "huggingface_")
    : provider;
  for (const name of [row.id, ...(row.names ?? []), `${row.id}-2024-08-06`]) {
    const result = calcPrice(theirs, name, { providerId, timestamp });
    if (result?.model.id === row.id && result.provider.id === providerId) {
      return result.total_price * 1e9;
    }
  }
  return Number.NaN;
}
