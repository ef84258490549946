import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { jsonOf, postChat } from "./test-client.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const chat = (body = {}) => jsonOf(postChat(provider, body));

test("answers with an echo and says what it used", async () => {
  const answer = await chat();
  expect(answer.choices[0]).toMatchObject({
    message: { role: "assistant", content: "You said: hi" },
    finish_reason: "stop",
  });
  expect(answer.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 });
  expect(provider.requests[0]).toMatchObject({
    id: "req-1",
    path: "/chat/completions",
    model: "gpt-5",
    stream: false,
    usage: { inputTokens: 5, outputTokens: 3, cacheReadTokens: 0, reasoningTokens: 0 },
    billedNanoUsd: 5 * 1250 + 3 * 10_000,
    status: 200,
    outcome: "completed",
    usageReported: true,
    receivedBody: { model: "gpt-5" },
  });
});

test("works without /v1 too", async () => {
  const url = provider.url.replace("/v1", "/chat/completions?api-version=1");
  const body = JSON.stringify({ model: "gpt-5", messages: [{ role: "user", content: "hi" }] });
  expect((await fetch(url, { method: "POST", body })).status).toBe(200);
});

test("bills cached input at its own rate and reasoning as output", async () => {
  provider.next({ kind: "reply", text: "12345678", cachedTokens: 3, reasoningTokens: 7 });
  const { usage } = await chat();
  expect(usage).toMatchObject({
    prompt_tokens: 5,
    prompt_tokens_details: { cached_tokens: 3 },
    completion_tokens: 9,
    completion_tokens_details: { reasoning_tokens: 7 },
  });
  expect(provider.billedNanoUsd()).toBe(2 * 1250 + 3 * 125 + 9 * 10_000);
});

test("never takes more input from the cache than there is", async () => {
  provider.next({ kind: "reply", text: "", cachedTokens: 1000 });
  await chat();
  expect(provider.billedNanoUsd()).toBe(5 * 125);
});

test.each(["max_tokens", "max_completion_tokens"])("stops at %s", async (name) => {
  provider.next({ kind: "reply", text: "aaaabbbbcccc" });
  const answer = await chat({ [name]: 2 });
  expect(answer.choices[0]).toMatchObject({
    message: { content: "aaaabbbb" },
    finish_reason: "length",
  });
  expect(answer.usage.completion_tokens).toBe(2);
});

test("counts reasoning inside the limit, even when nothing is left for the answer", async () => {
  provider.next({ kind: "reply", text: "aaaabbbb", reasoningTokens: 50 });
  const answer = await chat({ max_tokens: 10 });
  expect(answer.choices[0]).toMatchObject({ message: { content: "" }, finish_reason: "length" });
  expect(provider.requests[0]?.usage).toMatchObject({ outputTokens: 10, reasoningTokens: 10 });
});

test("bills what it forgets to report", async () => {
  provider.next({ kind: "reply", text: "aaaa", usage: "omit" });
  expect(await chat()).not.toHaveProperty("usage");
  expect(provider.requests[0]).toMatchObject({ billedNanoUsd: 16_250, usageReported: false });
});

test("calls tools", async () => {
  provider.next({
    kind: "reply",
    toolCalls: [
      { name: "find", arguments: { x: 1 } },
      { name: "send", arguments: "{not json" },
    ],
  });
  const answer = await chat();
  expect(answer.choices[0].finish_reason).toBe("tool_calls");
  expect(answer.choices[0].message.content).toBeNull();
  expect(answer.choices[0].message.tool_calls).toEqual([
    { id: "call_1_0", type: "function", function: { name: "find", arguments: '{"x":1}' } },
    { id: "call_1_1", type: "function", function: { name: "send", arguments: "{not json" } },
  ]);
  expect(answer.usage.completion_tokens).toBe(1 + 2 + 1 + 3);
});

test.each([
  [400, "rejected", "invalid_request_error"],
  [500, "failed", "server_error"],
])("fails with %i and bills nothing", async (status, outcome, type) => {
  provider.next({ kind: "fail", status, message: "no" });
  const response = await postChat(provider);
  expect(response.status).toBe(status);
  expect((await jsonOf(response)).error).toEqual({ message: "no", type, param: null, code: null });
  expect(provider.requests[0]).toMatchObject({ billedNanoUsd: 0, status, outcome });
});

test("asks to come back later when the rate limit is reached", async () => {
  provider.next({ kind: "rate-limit", retryAfterSeconds: 7 });
  const response = await postChat(provider);
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe("7");
  expect((await jsonOf(response)).error.code).toBe("rate_limit_exceeded");
  expect(provider.billedNanoUsd()).toBe(0);
});

test("takes behaviours from the header, the queue, the model and the script, in this order", async () => {
  const fail = (status: number) => ({ kind: "fail", status }) as const;
  provider.script((request) => (request.number < 6 ? fail(503) : undefined));
  provider.forModel("gpt-5-mini", fail(502));
  provider.next(fail(501));
  const header = { "x-fake-behaviour": JSON.stringify(fail(500)) };
  const statuses = [
    await postChat(provider, {}, { headers: header }),
    await postChat(provider, { model: "gpt-5-mini" }),
    await postChat(provider, { model: "gpt-5-mini" }),
    await postChat(provider),
    await postChat(provider, { model: "gpt-5-mini" }),
    await postChat(provider),
  ].map((response) => response.status);
  expect(statuses).toEqual([500, 501, 502, 503, 502, 200]);
});

test("uses a scripted list up, then replies as usual", async () => {
  provider.script([
    { kind: "reply", text: "one" },
    { kind: "reply", text: "two" },
  ]);
  const texts = [await chat(), await chat(), await chat()].map(
    (it) => it.choices[0].message.content,
  );
  expect(texts).toEqual(["one", "two", "You said: hi"]);
});

test("refuses a behaviour that would spoil the books", () => {
  expect(() => provider.next({} as never)).toThrow(/kind is one of reply, fail,/);
  expect(() => provider.next({ kind: "reply", reasoningTokens: Number.NaN })).toThrow(TypeError);
  expect(() => provider.next({ kind: "fail", status: 200 })).toThrow(TypeError);
  expect(() => provider.script({ kind: "reply" } as never)).toThrow("a list or a function");
});
