import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { startFakeProvider } from "@burnrate/core/testing";
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
}, 60_000);
