import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { postChat, readStream, textOf } from "./test-client.ts";

const INPUT = 5 * 1250;
const OUTPUT = 10_000;

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const never = new Promise<void>(() => {});
const holdBefore = (chunk: number) => (index: number) => (index === chunk ? never : undefined);

/** Reads until the text so far ends with `last`, then hangs up. */
async function readUntil(last: string, controller: AbortController): Promise<void> {
  const body = { stream: true, stream_options: { include_usage: true } };
  const response = await postChat(provider, body, { signal: controller.signal });
  let text = "";
  for await (const part of response.body ?? []) {
    text += new TextDecoder().decode(part);
    if (text.includes(last)) break;
  }
  controller.abort();
}

test.each([1, 2])(
  "bills the %i chunks that were generated when the client left",
  async (chunks) => {
    const text = "aaaabbbbcccc";
    provider.next({ kind: "reply", text, reasoningTokens: 4, beforeChunk: holdBefore(chunks) });
    await readUntil(text.slice(chunks * 4 - 4, chunks * 4), new AbortController());
    await provider.idle();
    expect(provider.requests[0]).toMatchObject({
      outcome: "client-closed",
      usageReported: false,
      usage: { outputTokens: 4 + chunks, reasoningTokens: 4 },
      billedNanoUsd: INPUT + (4 + chunks) * OUTPUT,
    });
    expect(provider.totals().closedEarly).toBe(1);
  },
);

test("bills everything but reports nothing when the client leaves before the end part", async () => {
  provider.next({ kind: "reply", text: "aaaa", beforeChunk: holdBefore(1) });
  await readUntil("aaaa", new AbortController());
  await provider.idle();
  expect(provider.requests[0]).toMatchObject({
    outcome: "client-closed",
    usageReported: false,
    billedNanoUsd: INPUT + OUTPUT,
  });
});

test("notices that the client left in the middle of a chunk's delay", async () => {
  provider.next({ kind: "reply", text: "aaaa", chunkDelayMs: 1_000_000 });
  await readUntil('"role"', new AbortController());
  await provider.idle();
  expect(provider.requests[0]).toMatchObject({ outcome: "client-closed", billedNanoUsd: INPUT });
});

test("shows the bill of a request in flight", async () => {
  provider.next({ kind: "stall" });
  const controller = new AbortController();
  const answer = postChat(provider, {}, { signal: controller.signal });
  await provider.waitForRequests(1);
  expect(provider.requests[0]).toMatchObject({
    outcome: "in-flight",
    status: 0,
    billedNanoUsd: INPUT,
  });
  controller.abort();
  await expect(answer).rejects.toThrow();
  await provider.idle();
  expect(provider.requestCount({ outcome: "client-closed" })).toBe(1);
});

test("bills what was generated of an answer without a stream when the client leaves", async () => {
  const gate = Promise.withResolvers<void>();
  provider.next({
    kind: "reply",
    text: "aaaabbbbcccc",
    beforeChunk(index) {
      if (index < 2) return undefined;
      gate.resolve();
      return never;
    },
  });
  const controller = new AbortController();
  const answer = postChat(provider, {}, { signal: controller.signal });
  await gate.promise;
  controller.abort();
  await expect(answer).rejects.toThrow();
  await provider.idle();
  expect(provider.billedNanoUsd()).toBe(INPUT + 2 * OUTPUT);
});

test("stalls in the middle of a stream until the client leaves", async () => {
  provider.next({ kind: "stall", text: "aaaabbbb", afterChunks: 1 });
  await readUntil("aaaa", new AbortController());
  await provider.idle();
  expect(provider.requests[0]).toMatchObject({
    outcome: "client-closed",
    billedNanoUsd: INPUT + OUTPUT,
  });
});

test("cuts a stream after the chunks that it sent", async () => {
  provider.next({ kind: "cut", text: "aaaabbbbcccc", afterChunks: 2 });
  const read = await readStream(await postChat(provider, { stream: true }));
  expect(textOf(read)).toBe("aaaabbbb");
  expect(read).toMatchObject({ broken: true, done: false });
  expect(provider.requests[0]).toMatchObject({ outcome: "cut", billedNanoUsd: INPUT + 2 * OUTPUT });
});

test("cuts an answer without a stream", async () => {
  provider.next({ kind: "cut", text: "aaaabbbb", afterChunks: 1 });
  await expect(postChat(provider)).rejects.toThrow();
  expect(provider.requests[0]).toMatchObject({ outcome: "cut", billedNanoUsd: INPUT + OUTPUT });
});

test("sends an error in the middle of a stream", async () => {
  provider.next({ kind: "error-part", text: "aaaabbbb", afterChunks: 1, message: "overloaded" });
  const read = await readStream(await postChat(provider, { stream: true }));
  expect(textOf(read)).toBe("aaaa");
  expect(read.events.at(-1).error).toMatchObject({ message: "overloaded", type: "server_error" });
  expect(read).toMatchObject({ broken: false, done: false });
  expect(provider.requests[0]).toMatchObject({ outcome: "failed", billedNanoUsd: INPUT + OUTPUT });
});

test("makes an error part a 500 where there is no stream", async () => {
  provider.next({ kind: "error-part", afterChunks: 1 });
  expect((await postChat(provider)).status).toBe(500);
  expect(provider.billedNanoUsd()).toBe(0);
});

test("breaks off in the middle of a JSON value", async () => {
  const malformed = { kind: "malformed", text: "aaaabbbb", afterChunks: 1 } as const;
  provider.script([malformed, malformed]);
  const whole = await postChat(provider);
  expect(whole.status).toBe(200);
  await expect(whole.json()).rejects.toThrow(SyntaxError);
  const read = await readStream(await postChat(provider, { stream: true }));
  expect(textOf(read)).toBe("aaaa");
  expect(read.events.at(-1)).toHaveProperty("malformed");
  expect(provider.requests).toMatchObject([
    { outcome: "failed", usageReported: false, billedNanoUsd: INPUT + OUTPUT },
    { outcome: "failed", usageReported: false, billedNanoUsd: INPUT + OUTPUT },
  ]);
});

test("cuts what is in flight when it is closed", async () => {
  const other = await startFakeProvider();
  other.next({ kind: "stall" });
  const answer = expect(postChat(other)).rejects.toThrow();
  await other.waitForRequests(1);
  await other.close();
  await other.close();
  await answer;
  expect(other.requests[0]).toMatchObject({ outcome: "cut", billedNanoUsd: INPUT });
});

test("breaks the connection, and goes on, when a test's own gate throws", async () => {
  provider.next({
    kind: "reply",
    beforeChunk() {
      throw new Error("from the test");
    },
  });
  await expect(postChat(provider)).rejects.toThrow();
  expect((await postChat(provider)).status).toBe(200);
});
