import { createGuard, type GuardOptions } from "@burnrate/core";
import { Embeddings } from "@langchain/core/embeddings";
import { OpenAIEmbeddings, type OpenAIEmbeddingsParams } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { guardEmbeddings } from "./guard-embeddings.ts";
import {
  embeddingCard,
  killAll,
  money,
  prices as one,
  provider,
  thrownBy,
  watchedGuard,
  withoutBackoff,
} from "./test-fixture.ts";

const fake = await provider();
withoutBackoff();

const prices: NonNullable<GuardOptions["prices"]> = {
  ...one,
  resolve: (name, model) =>
    name === "openai" && model === "text-embedding-3-small" ? embeddingCard : undefined,
};
const watched = (options: GuardOptions = {}) => watchedGuard({ prices, ...options });

const openai = (fields: Partial<OpenAIEmbeddingsParams> = {}): OpenAIEmbeddings =>
  new OpenAIEmbeddings({
    model: "text-embedding-3-small",
    apiKey: "none",
    configuration: { baseURL: fake.url },
    maxRetries: 0,
    ...fields,
  });

describe("guarded embeddings", () => {
  test("keep their type, and give what they gave", async () => {
    const { guard } = watched();
    const guarded = guardEmbeddings(openai(), guard);
    expect(guarded).toBeInstanceOf(OpenAIEmbeddings);
    expect(guarded).toBeInstanceOf(Embeddings);
    expect(guarded.model).toBe("text-embedding-3-small");
    expect(guardEmbeddings(guarded, guard)).toBe(guarded);
    expect(await guarded.embedQuery("a fox")).toEqual(await openai().embedQuery("a fox"));
    const texts = ["a", "b", "c", "d", "e"];
    const batched = guardEmbeddings(openai({ batchSize: 2 }), guard);
    expect(await batched.embedDocuments(texts)).toEqual(await openai().embedDocuments(texts));
  });

  test("cost what the provider bills, each batch as a call of its own", async () => {
    const { guard, records } = watched();
    const guarded = guardEmbeddings(openai({ batchSize: 2 }), guard);
    await guarded.embedQuery("a fox");
    await guarded.embedDocuments(["one", "two", "three", "four", "five"]);
    expect(fake.requestCount()).toBe(4);
    expect(records.map(({ usageSource }) => usageSource)).toEqual(Array(4).fill("provider"));
    expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
  });

  test("make a call of each attempt", async () => {
    const { guard, records } = watched();
    fake.next({ kind: "fail", status: 500 });
    await guardEmbeddings(openai({ maxRetries: 1 }), guard).embedDocuments(["a", "b"]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
    expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
  });

  test("charge an attempt that broke off", async () => {
    const { guard } = watched();
    fake.next({ kind: "cut", afterChunks: 0 });
    await guardEmbeddings(openai({ maxRetries: 1 }), guard).embedQuery("a fox");
    const { held, spent } = await money(guard);
    expect(held).toBe(0);
    expect(spent).toBeGreaterThanOrEqual(fake.billedNanoUsd());
  });

  test("are charged their input's bound where nobody says what was used", async () => {
    const { guard, records } = watched();
    fake.next({ kind: "reply", usage: "omit" });
    await guardEmbeddings(openai(), guard).embedQuery("a fox");
    expect(records[0]?.usageSource).toBe("estimated");
    expect((await money(guard)).spent).toBeGreaterThan(fake.billedNanoUsd());
  });

  test("are refused before anything is sent, all batches or none", async () => {
    const { guard } = watched({ budgets: ["2 calls/day"] });
    const guarded = guardEmbeddings(openai({ batchSize: 1 }), guard);
    expect(await thrownBy(() => guarded.embedDocuments(["a", "b", "c"]))).toMatchObject({
      code: "BR2001",
    });
    expect(fake.requestCount()).toBe(0);
    await guarded.embedDocuments(["a", "b"]);
    await killAll(guard);
    expect(await thrownBy(() => guarded.embedQuery("a"))).toMatchObject({ code: "BR1001" });
  });

  test("withhold an answer that comes after a kill, and charge it", async () => {
    const { guard, records } = watched();
    fake.next({ kind: "reply", beforeChunk: () => killAll(guard, "abort") });
    const error = await thrownBy(() => guardEmbeddings(openai(), guard).embedQuery("a fox"));
    expect(error).toMatchObject({ code: "BR1001" });
    expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
    expect((await money(guard)).spent).toBe(fake.billedNanoUsd());
  });
});

test.each([
  ["Cohere", { meta: { billedUnits: { inputTokens: 9 } } }],
  ["Ollama", { prompt_eval_count: 9 }],
])("what the client of %s says was used is charged", async (_, said) => {
  class SayingEmbeddings extends Embeddings {
    async embedQuery(_text: string): Promise<number[]> {
      const answer = await this.caller.call(async () => ({ embeddings: [[1, 2]], ...said }));
      return answer.embeddings[0] ?? [];
    }
    async embedDocuments([text = ""]: string[]): Promise<number[][]> {
      return [await this.embedQuery(text)];
    }
  }
  const { guard, records } = watchedGuard({ budgets: ["5 calls/day"] });
  await guardEmbeddings(new SayingEmbeddings({}), guard).embedQuery("a fox");
  expect(records).toMatchObject([{ usage: { inputTokens: 9 }, usageSource: "provider" }]);
});

test("embeddings of any making are guarded, private fields and all", async () => {
  class HomeEmbeddings extends Embeddings {
    readonly model = "home-1";
    readonly #vector = [1, 2];
    async embedQuery(): Promise<number[]> {
      return this.caller.call(async () => this.#vector);
    }
    async embedDocuments(texts: string[]): Promise<number[][]> {
      return Promise.all(texts.map(() => this.embedQuery()));
    }
  }
  const { guard, records } = watchedGuard({ budgets: ["5 calls/day"] });
  const guarded = guardEmbeddings(new HomeEmbeddings({}), guard);
  expect(await guarded.embedDocuments(["a", "b"])).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(records).toMatchObject([{ provider: "home", name: "home-1", usageSource: "estimated" }]);
});

test("what does not embed, and a misspelt option, are refused at once", () => {
  const guard = createGuard();
  expect(() => guardEmbeddings({}, guard)).toThrow("embeddings must be embeddings of LangChain's");
  expect(() => guardEmbeddings(openai(), guard, { providr: "x" } as never)).toThrow('"provider"');
});

describe("embeddings of two guards", () => {
  test("are charged by both as the provider bills them, each attempt", async () => {
    const outer = watched();
    const inner = watched();
    fake.next({ kind: "fail", status: 500 });
    const guarded = guardEmbeddings(openai({ maxRetries: 1 }), inner.guard);
    await guardEmbeddings(guarded, outer.guard).embedQuery("a fox");
    for (const { guard, records } of [outer, inner]) {
      expect(records.map(({ outcome }) => outcome)).toEqual(["server-error", "success"]);
      expect(records[1]?.usageSource).toBe("provider");
      expect(await money(guard)).toEqual({ held: 0, spent: fake.billedNanoUsd() });
    }
  });

  test("cost the outer one nothing when the inner one refuses", async () => {
    const outer = watched();
    const inner = watched();
    await killAll(inner.guard);
    const guarded = guardEmbeddings(guardEmbeddings(openai(), inner.guard), outer.guard);
    expect(await thrownBy(() => guarded.embedQuery("a fox"))).toMatchObject({ code: "BR1001" });
    expect(await money(outer.guard)).toEqual({ held: 0, spent: 0 });
  });
});
