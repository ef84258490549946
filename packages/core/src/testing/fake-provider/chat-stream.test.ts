import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { postChat, readStream, textOf } from "./test-client.ts";

const pauses: number[] = [];
let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider({
    pause: async (delayMs) => {
      pauses.push(delayMs);
    },
  });
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const stream = async (body = {}) => readStream(await postChat(provider, { stream: true, ...body }));

test("streams a role, the text token by token, a reason to finish and [DONE]", async () => {
  provider.next({ kind: "reply", text: "aaaabbbbcc" });
  const { events, done, broken } = await stream();
  const deltas = events.map((event) => event.choices[0].delta.content);
  expect(deltas).toEqual(["", "aaaa", "bbbb", "cc", undefined]);
  expect(events[0].choices[0].delta.role).toBe("assistant");
  expect(events.at(-1).choices[0].finish_reason).toBe("stop");
  expect({ done, broken }).toEqual({ done: true, broken: false });
});

test("keeps usage to itself unless it is asked for", async () => {
  const { events } = await stream();
  expect(events.every((event) => !("usage" in event))).toBe(true);
  expect(provider.requests[0]).toMatchObject({ usageReported: false, outcome: "completed" });
});

test("sends usage last, with no choices, when it is asked for", async () => {
  provider.next({ kind: "reply", text: "aaaabbbb", cachedTokens: 2, reasoningTokens: 3 });
  const { events } = await stream({ stream_options: { include_usage: true } });
  const last = events.pop();
  expect(last.choices).toEqual([]);
  expect(last.usage).toEqual({
    prompt_tokens: 5,
    completion_tokens: 5,
    total_tokens: 10,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: 3 },
  });
  expect(events.every((event) => event.usage === null)).toBe(true);
  expect(provider.requests[0]).toMatchObject({ usageReported: true });
});

test("can omit the usage that was asked for", async () => {
  provider.next({ kind: "reply", text: "aaaa", usage: "omit" });
  const { events, done } = await stream({ stream_options: { include_usage: true } });
  expect(events.every((event) => event.choices.length === 1)).toBe(true);
  expect(done).toBe(true);
  expect(provider.requests[0]).toMatchObject({ usageReported: false, billedNanoUsd: 16_250 });
});

test("stops at the limit", async () => {
  provider.next({ kind: "reply", text: "aaaabbbbcccc" });
  const read = await stream({ max_completion_tokens: 2 });
  expect(textOf(read)).toBe("aaaabbbb");
  expect(read.events.at(-1).choices[0].finish_reason).toBe("length");
});

test("deals the text into as many chunks as asked for, with a pause before each", async () => {
  pauses.length = 0;
  provider.next({ kind: "reply", text: "aaaabbbbccccddddeeee", chunks: 2, chunkDelayMs: 40 });
  const { events } = await stream();
  const deltas = events.slice(1, -1).map((event) => event.choices[0].delta.content);
  expect(deltas).toEqual(["aaaabbbb", "ccccddddeeee"]);
  expect(pauses).toEqual([40, 40, 40]);
  expect(provider.requests[0]?.usage.outputTokens).toBe(5);
});

test("streams tool calls in pieces that belong together by index", async () => {
  provider.next({
    kind: "reply",
    toolCalls: [
      { name: "find", arguments: { city: "Berlin" } },
      { name: "send", arguments: {} },
    ],
  });
  const { events } = await stream();
  const calls: { id?: string; name?: string; json: string }[] = [];
  for (const piece of events.flatMap((event) => event.choices[0].delta.tool_calls ?? [])) {
    calls[piece.index] ??= { id: piece.id, name: piece.function.name, json: "" };
    const call = calls[piece.index];
    if (call) call.json += piece.function.arguments;
  }
  expect(calls).toEqual([
    { id: "call_1_0", name: "find", json: '{"city":"Berlin"}' },
    { id: "call_1_1", name: "send", json: "{}" },
  ]);
  expect(events.at(-1).choices[0].finish_reason).toBe("tool_calls");
});
