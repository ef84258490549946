import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { jsonOf, postChat } from "./test-client.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider({
    rates: { tiny: { inputNano: 1, cachedInputNano: 0, outputNano: 2 } },
    keepRequests: 2,
  });
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const BILL = 5 * 1 + 3 * 2;

test("sums by agent, from the header or the user field", async () => {
  await postChat(provider, { model: "tiny" }, { headers: { "X-Agent": "planner/researcher" } });
  await postChat(provider, { model: "tiny", user: "support" });
  await postChat(provider, { model: "tiny" });
  expect(provider.billedNanoUsd({ agent: "support" })).toBe(BILL);
  expect(Object.keys(provider.totalsByAgent()).sort()).toEqual([
    "(none)",
    "planner/researcher",
    "support",
  ]);
});

test("keeps totals exact when old rows go", async () => {
  provider.script((request) => (request.number === 2 ? { kind: "fail", status: 500 } : undefined));
  for (let count = 0; count < 5; count += 1) {
    await postChat(provider, { model: "tiny", user: count % 2 === 0 ? "even" : "odd" });
  }
  expect(provider.requests.map((row) => row.id)).toEqual(["req-4", "req-5"]);
  expect(provider.billedNanoUsd()).toBe(4 * BILL);
  expect(provider.requestCount()).toBe(5);
  expect(provider.requestCount({ agent: "even", model: "tiny" })).toBe(3);
  expect(provider.requestCount({ outcome: "failed" })).toBe(1);
  expect(provider.totals({ agent: "odd" })).toEqual({
    requests: 2,
    closedEarly: 0,
    inputTokens: 5,
    outputTokens: 3,
    cacheReadTokens: 0,
    reasoningTokens: 0,
    billedNanoUsd: BILL,
  });
});

test("bills a thousand calls at once to the last nano-dollar", async () => {
  const batch = () => Promise.all(Array.from({ length: 50 }, () => postChat(provider)));
  for (let count = 0; count < 20; count += 1) {
    await Promise.all((await batch()).map((response) => response.text()));
  }
  expect(provider.billedNanoUsd()).toBe(1000 * (5 * 1250 + 3 * 10_000));
});

test("shows its counters to other processes", async () => {
  await postChat(provider, { model: "tiny", user: "__proto__" });
  for (const url of [provider.url, provider.url.replace("/v1", "")]) {
    const { totals, agents } = await jsonOf(fetch(`${url}/__ledger`));
    expect(totals).toEqual(JSON.parse(JSON.stringify(provider.totals())));
    expect(Object.entries(agents)).toEqual([["__proto__", totals]]);
  }
});

test("lists its models", async () => {
  const { data } = await jsonOf(fetch(`${provider.url}/models`));
  expect(data.map((model: { id: string }) => model.id)).toContain("tiny");
});

test("keeps x- headers but no keys", async () => {
  const headers = { "X-Trace": "7", "x-api-key": "secret", authorization: "Bearer secret" };
  await postChat(provider, {}, { headers });
  expect(provider.requests[0]?.headers).toEqual({ "x-trace": "7" });
});

test("starts over after a reset", async () => {
  provider.next({ kind: "fail", status: 500 });
  provider.forModel("gpt-5", { kind: "fail", status: 500 });
  provider.script(() => ({ kind: "fail", status: 500 }));
  await postChat(provider);
  provider.reset();
  expect(provider.requests).toEqual([]);
  expect((await postChat(provider)).status).toBe(200);
  expect(provider.requests[0]?.id).toBe("req-1");
});

test("refuses rates that are not whole nano-dollars", async () => {
  const rates = { odd: { inputNano: 0.5, cachedInputNano: 0, outputNano: 0 } };
  await expect(startFakeProvider({ rates })).rejects.toThrow(RangeError);
});

test("stops listening when it is disposed", async () => {
  const other = await startFakeProvider();
  await other[Symbol.asyncDispose]();
  await expect(fetch(`${other.url}/models`)).rejects.toThrow();
});
