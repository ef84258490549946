import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { serveLoopback, startFakeProvider } from "@burnrate/core/testing";
import { expect, it } from "vitest";

const DEMO = new URL("../../../examples/quickstart/main.ts", import.meta.url).pathname;

it("the demo's books are equal on a server that others have used before", async () => {
  await using provider = await startFakeProvider();
  const question = [{ role: "user", content: "hello" }];
  const used = await fetch(`${provider.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-agent": "support" },
    body: JSON.stringify({ model: "gpt-5-mini", messages: question }),
  });
  await used.text();
  const before = provider.billedNanoUsd({ agent: "support" });
  expect(before).toBeGreaterThan(0);

  const demo = spawn(process.execPath, ["--conditions=@burnrate/source", DEMO, "--json"], {
    env: { ...process.env, OPENAI_BASE_URL: provider.url, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [printed, [exitCode]] = await Promise.all([text(demo.stdout), once(demo, "exit")]);
  const support = JSON.parse(printed).agents[0];
  expect(support).toMatchObject({ name: "support", providerNanoUsd: support.ledgerNanoUsd });
  expect(provider.billedNanoUsd({ agent: "support" })).toBe(before + support.ledgerNanoUsd);
  expect(exitCode).toBe(0);
}, 300_000);

it("the demo takes a server that answers whatever it is asked for one without books", async () => {
  const usage = { prompt_tokens: 50, completion_tokens: 60, total_tokens: 110 };
  const message = { role: "assistant", content: "hello" };
  const choices = [{ index: 0, message, delta: message, finish_reason: "stop" }];
  const server = await serveLoopback(({ body }) => {
    const answer = { id: "1", created: 1, model: "gpt-5-mini", choices, usage };
    const isStream = body !== "" && JSON.parse(body).stream === true;
    if (!isStream) return Response.json({ ...answer, object: "chat.completion" });
    const chunk = JSON.stringify({ ...answer, object: "chat.completion.chunk" });
    const headers = { "content-type": "text/event-stream" };
    return new Response(`data: ${chunk}\n\ndata: [DONE]\n\n`, { headers });
  });
  const demo = spawn(process.execPath, ["--conditions=@burnrate/source", DEMO, "--json"], {
    env: { ...process.env, OPENAI_BASE_URL: `${server.url}/v1`, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [printed] = await Promise.all([text(demo.stdout), once(demo, "exit")]);
  await server.close();
  const billed = JSON.parse(printed).agents.map((agent: object) => Object.entries(agent)[4]);
  expect(billed).toEqual(Array(3).fill(["providerNanoUsd", null]));
}, 300_000);
