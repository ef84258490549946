import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FakeProvider, startFakeProvider } from "./fake-provider.ts";
import { jsonOf, postChat, postJson } from "./test-client.ts";

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startFakeProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["nothing", ""],
  ["no messages", '{"model":"gpt-5"}'],
  ["a limit of 0", '{"model":"gpt-5","messages":[{}],"max_tokens":0}'],
  ["several answers", '{"model":"gpt-5","messages":[{}],"n":2}'],
])("refuses %s with 400 and bills nothing", async (_, body) => {
  const response = await postJson(provider, "/chat/completions", body);
  expect(response.status).toBe(400);
  expect((await jsonOf(response)).error.type).toBe("invalid_request_error");
  expect(provider.requests[0]).toMatchObject({ outcome: "rejected", billedNanoUsd: 0 });
});

test("refuses a body over 10 MB with 413", async () => {
  const response = await postJson(provider, "/chat/completions", "x".repeat(10 * 1024 * 1024 + 1));
  expect(response.status).toBe(413);
  expect(provider.requestCount({ outcome: "rejected" })).toBe(1);
});

test.each(["gpt-unheard-of", "__proto__", "constructor"])("does not serve %s", async (model) => {
  const response = await postChat(provider, { model });
  expect(response.status).toBe(404);
  expect((await jsonOf(response)).error.code).toBe("model_not_found");
});

test.each(["/responses", "/", "//", "/%"])("answers 404 for %s", async (path) => {
  const response = await postJson(provider, path, {});
  expect(response.status).toBe(404);
  expect((await jsonOf(response)).error).toMatchObject({ type: "invalid_request_error" });
});

test.each([["null"], ["{}"], ['{"kind":"explode"}'], ['{"kind":"cut"}'], ["{"]])(
  "refuses the behaviour %s in a header",
  async (behaviour) => {
    const headers = { "x-fake-behaviour": behaviour };
    expect((await postChat(provider, {}, { headers })).status).toBe(400);
  },
);

test("turns a script that throws into a 500", async () => {
  provider.script(() => {
    throw new Error("from the test");
  });
  expect((await postChat(provider)).status).toBe(500);
});

test("survives messages of any shape", async () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const odd = `{"model":"gpt-5","messages":[null,1,"x",{"content":[null,{"text":5}]}]}`;
  const nested = `{"model":"gpt-5","messages":[{"role":"user","content":${deep}}]}`;
  expect((await postJson(provider, "/chat/completions", odd)).status).toBe(200);
  expect((await postJson(provider, "/chat/completions", nested)).status).toBeLessThan(600);
  expect((await postChat(provider)).status).toBe(200);
});

test("survives clients that do not speak HTTP or leave in the middle of a word", async () => {
  const port = Number(new URL(provider.url).port);
  const head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{";
  for (const words of ["\0\0\0\r\n\r\n", head]) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.end(words));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve());
      socket.resume();
    });
  }
  expect((await postChat(provider)).status).toBe(200);
  expect(provider.requestCount()).toBe(1);
});
