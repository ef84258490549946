import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { findGuardError } from "@burnrate/core";
import { OpenAI } from "@langchain/openai";
import { afterAll, expect, test, vi } from "vitest";
import { guardCallback } from "./guard-callback.ts";
import { killAll, thrownBy, watchedGuard } from "./test-fixture.ts";

const WORDS = ["one ", "two ", "three "];

const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const text of WORDS) response.write(`data: ${JSON.stringify({ choices: [{ text }] })}\n\n`);
  response.end("data: [DONE]\n\n");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => void server.close());

test("a kill that no token of OpenAI's text completions can throw ends the stream, and not the process", async () => {
  const { guard, records } = watchedGuard({ budgets: ["9 calls/day"] });
  const unheard = vi.fn();
  process.on("unhandledRejection", unheard);
  const configuration = { baseURL: `http://127.0.0.1:${port}/v1` };
  const model = new OpenAI({ apiKey: "none", model: "gpt-3.5-turbo-instruct", configuration });
  const parts = await model.stream("hi", { callbacks: [guardCallback(guard)] });
  const error = await thrownBy(async () => {
    for await (const part of parts) if (part === WORDS[0]) await killAll(guard, "abort");
  });
  await setImmediate();
  process.off("unhandledRejection", unheard);
  expect(findGuardError(error)?.code).toBe("BR1001");
  expect(records.map(({ outcome }) => outcome)).toEqual(["killed"]);
  expect(unheard).not.toHaveBeenCalled();
});
