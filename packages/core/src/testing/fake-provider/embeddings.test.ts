import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { jsonOf, postJson } from "./test-client.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const embed = (body: Record<string, unknown>) =>
  postJson(provider, "/embeddings", { model: "text-embedding-3-small", ...body });

test("embeds texts, always the same way, and bills their tokens", async () => {
  const answer = await jsonOf(embed({ input: ["aaaabb", "cc"], dimensions: 3 }));
  expect(answer.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
  expect(answer.data).toHaveLength(2);
  expect(answer.data[1]).toMatchObject({ object: "embedding", index: 1 });
  expect(answer.data[0].embedding).toHaveLength(3);
  expect(await jsonOf(embed({ input: ["aaaabb", "cc"], dimensions: 3 }))).toEqual(answer);
  expect(provider.requests[0]).toMatchObject({ billedNanoUsd: 60, usageReported: true });
});

test("encodes vectors as base64 floats when asked, as the OpenAI client does", async () => {
  const plain = await jsonOf(embed({ input: "aaaa" }));
  const encoded = await jsonOf(embed({ input: "aaaa", encoding_format: "base64" }));
  const bytes = Buffer.from(encoded.data[0].embedding, "base64");
  const floats = new Float32Array(new Uint8Array(bytes).buffer);
  expect([...floats]).toEqual(plain.data[0].embedding);
});

test("takes tokens for an input", async () => {
  await embed({ input: [1, 2, 3] });
  await embed({ input: [[1], [2, 3]] });
  expect(provider.requests.map((row) => row.usage.inputTokens)).toEqual([3, 3]);
});

test.each([[undefined], [[]], [[{}]], [5]])("refuses the input %j", async (input) => {
  expect((await embed({ input })).status).toBe(400);
});

test("follows the script", async () => {
  provider.script([
    { kind: "rate-limit", retryAfterSeconds: 1 },
    { kind: "cut", afterChunks: 0 },
    { kind: "malformed" },
    { kind: "reply", usage: "omit" },
  ]);
  expect((await embed({ input: "a" })).status).toBe(429);
  await expect(embed({ input: "a" })).rejects.toThrow();
  await expect(jsonOf(embed({ input: "a" }))).rejects.toThrow(SyntaxError);
  expect(await jsonOf(embed({ input: "a" }))).not.toHaveProperty("usage");
  expect(provider.requests.map((row) => row.billedNanoUsd)).toEqual([0, 20, 20, 20]);
});
