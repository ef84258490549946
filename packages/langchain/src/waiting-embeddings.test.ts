import type { GuardOptions } from "@burnrate/core";
import { OpenAIEmbeddings } from "@langchain/openai";
import { expect, test } from "vitest";
import { guardEmbeddings } from "./guard-embeddings.ts";
import { embeddingCard, money, prices as one, provider, watchedGuard } from "./test-fixture.ts";

const fake = await provider();
const TEXTS = ["one", "two", "three"];

const prices: NonNullable<GuardOptions["prices"]> = { ...one, resolve: () => embeddingCard };
/** Enough for one batch at a time. */
const ROOM = { id: "small", limit: { usd: 0.000004 }, window: "day" } as const;

test.each<[string, GuardOptions, boolean]>([
  ["calls go one at a time", {}, true],
  ["calls wait for money that others hold", { budgets: [ROOM], onHeld: "wait" }, false],
])("a list of several batches does not wait for itself where %s", async (_, options, throttled) => {
  const { guard, records } = watchedGuard({ prices, ...options });
  const by = { reason: "test", by: "test", level: "throttle" } as const;
  if (throttled) await guard.kill("everything", by);
  const bare = new OpenAIEmbeddings({
    model: "text-embedding-3-small",
    apiKey: "none",
    batchSize: 1,
    maxRetries: 0,
    configuration: { baseURL: fake.url },
  });
  expect(await guardEmbeddings(bare, guard).embedDocuments(TEXTS)).toHaveLength(TEXTS.length);
  expect(records.map(({ outcome }) => outcome)).toEqual(TEXTS.map(() => "success"));
  expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
});
