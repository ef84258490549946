import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guard } from "./guard.ts";

let provider: FakeProvider;
let POST: (request: Request) => Promise<Response>;
let ask: (user: string, text: string) => Promise<string>;

beforeAll(async () => {
  provider = await startFakeProvider();
  process.env["OPENAI_BASE_URL"] = provider.url;
  ({ POST } = await import("./route.ts"));
  ({ ask } = await import("./browser.ts"));
});
afterAll(() => Promise.all([provider.close(), guard.close()]));

async function account(user: string): Promise<{ spent: number; held: number } | undefined> {
  await provider.idle();
  const found = (await guard.budgets()).find(({ key }) => key === `user=${user}`);
  return found && { spent: found.settled + found.unknown, held: found.held };
}

describe("the chat route", () => {
  it("answers users at once, each from an account that is charged as the provider bills", async () => {
    const seen = await Promise.all(["ann", "bob", "cy"].map((user) => ask(user, `I am ${user}`)));
    expect(seen).toEqual(["You said: I am ann", "You said: I am bob", "You said: I am cy"]);
    const accounts = await Promise.all(["ann", "bob", "cy"].map(account));
    const spent = accounts.reduce((sum, each) => sum + (each?.spent ?? 0), 0);
    expect(spent).toBe(provider.billedNanoUsd());
  });

  it("tells the browser in words that its user's budget is used up, and nobody else's", async () => {
    provider.next({ kind: "reply", toolCalls: [{ name: "weather", arguments: { city: "Oslo" } }] });
    provider.next({ kind: "reply", text: "Rain.", reasoningTokens: 200 });
    expect(await ask("dee", "Oslo?")).toBe("Rain.");
    const sent = provider.requestCount();
    expect(await ask("dee", "Rome?")).toBe("[You have used up what you may spend today.]");
    expect(provider.requestCount()).toBe(sent);
    expect(await ask("eve", "Hi")).toBe("You said: Hi");
  });

  it("holds nothing for a browser that has gone", async () => {
    const browser = new AbortController();
    const sent = provider.requestCount();
    const never = new Promise<void>(() => undefined);
    provider.next({ kind: "reply", beforeChunk: (index) => (index > 1 ? never : undefined) });
    const messages = [{ id: "1", role: "user", parts: [{ type: "text", text: "a long story" }] }];
    const response = await POST(
      new Request("http://localhost/api/chat", {
        method: "POST",
        headers: { "content-type": "application/json", "x-user": "fay" },
        body: JSON.stringify({ messages }),
        signal: browser.signal,
      }),
    );
    await response.body?.getReader().read();
    await provider.waitForRequests(sent + 1);
    const held = (await guard.budgets()).map((budget) => budget.held);
    expect(Math.max(...held)).toBeGreaterThan(0);
    browser.abort();
    await expect
      .poll(() => account("fay"), { timeout: 10_000 })
      .toMatchObject({ held: 0, spent: expect.any(Number) });
  });

  it("says that the assistant is switched off when it is killed", async () => {
    await guard.kill({ agent: "chat" }, { reason: "odd answers", by: "on-call", level: "stop" });
    expect(await ask("gil", "Are you there?")).toBe(
      "[The assistant is switched off at the moment.]",
    );
  });
});
