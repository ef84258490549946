import { createGuard, type Guard } from "@burnrate/core";
import { createFakeClock, type FakeClock } from "@burnrate/core/testing";
import { LangfuseClient } from "@langfuse/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LangfuseExporter, langfuseExporter } from "../langfuse-exporter.ts";
import { KEYS, type LangfuseServer, startLangfuse } from "../testing/langfuse-server.ts";
import { startTracing, type Tracing } from "../testing/tracing.ts";
import type { LangfuseCredentials } from "./score-sender.ts";

let server: LangfuseServer;
let tracing: Tracing;
let clock: FakeClock;
let exporter: LangfuseExporter;
let guard: Guard;

beforeEach(async () => {
  server = await startLangfuse();
  tracing = startTracing(server.url);
});
afterEach(async () => {
  await tracing.stop();
  await server.close();
});

type Kind = "our own requests" | "the application's client";
const KINDS: readonly Kind[] = ["our own requests", "the application's client"];

interface Setting {
  readonly secretKey?: LangfuseCredentials["secretKey"];
  readonly timeoutMs?: number;
}

function open(kind: Kind, { secretKey = KEYS.secretKey, timeoutMs = 5_000 }: Setting = {}): void {
  clock = createFakeClock();
  const keys = { ...KEYS, baseUrl: server.url };
  exporter = langfuseExporter({
    clock,
    timeoutMs,
    maxWaiting: 3,
    ...(kind === "our own requests"
      ? { ...keys, secretKey }
      : { client: new LangfuseClient(keys) }),
  });
  guard = createGuard({
    exporters: [exporter],
    evaluators: [{ name: "fine", on: "tool", evaluate: () => ({ passed: true }) }],
  });
}

/** How long the exporter decided to wait, each time. */
function pausesOf(watched: FakeClock): () => readonly number[] {
  const timers = vi.spyOn(watched, "setTimer");
  return () => timers.mock.calls.map(([, delayMs]) => delayMs);
}

async function call(times = 1): Promise<void> {
  for (let made = 0; made < times; made++) {
    await guard.run({ kind: "tool", name: "search" }, () => ({ value: 1 }));
  }
}

const BUSY = (): Response =>
  Response.json(
    { message: "Rate limit exceeded" },
    { status: 429, headers: { "retry-after": "7" } },
  );

it("an answer that goes on and on is not read to its end: it is not Langfuse's", async () => {
  open("our own requests");
  server.answerScores(({ id }) => Response.json({ id, more: "x".repeat(100_000) }));
  await call();
  await exporter.flush();
  expect(exporter.counts()).toMatchObject({ waiting: 0, rejected: 1, lastError: "200" });
});

describe.each(KINDS)("with %s", (kind) => {
  it("a 429 that asks for no pause gets ours all the same, and longer each time", async () => {
    open(kind);
    const pauses = pausesOf(clock);
    const headers = { "retry-after": "0" };
    server.answerScores(() => Response.json({}, { status: 429, headers }));
    await call();
    await exporter.flush();
    await exporter.flush();
    expect(pauses()).toEqual([1_000, 2_000]);
  });

  it("a 429 is tried again after as long as it says, and then counts once", async () => {
    open(kind);
    const pauses = pausesOf(clock);
    server.answerScores(BUSY);
    await call();
    await exporter.flush();
    expect(pauses()).toEqual([7_000]);
    expect(exporter.counts()).toMatchObject({ waiting: 1, sent: 0, lastError: "429" });
    server.answerScores(({ id }) => Response.json({ id }));
    clock.advance(7_000);
    await vi.waitFor(() => expect(exporter.counts()).toMatchObject({ waiting: 0, sent: 1 }));
    const [first, second] = server.scores();
    expect(second?.id).toBe(first?.id);
  });

  it("a 429 that asks for minutes gets them", async () => {
    open(kind);
    const pauses = pausesOf(clock);
    const headers = { "retry-after": "120" };
    server.answerScores(() => Response.json({}, { status: 429, headers }));
    await call();
    await exporter.flush();
    expect(pauses()).toEqual([120_000]);
  });

  it("a 429 that names a time is left alone until then", async () => {
    open(kind);
    const pauses = pausesOf(clock);
    const headers = { "retry-after": new Date(clock.wallMs() + 90_000).toUTCString() };
    server.answerScores(() => Response.json({}, { status: 429, headers }));
    await call();
    await exporter.flush();
    expect(pauses()[0]).toBeGreaterThan(85_000);
  });

  it("a page of somebody who is not Langfuse is no success", async () => {
    open(kind);
    server.answerScores(() => new Response("<html>Sign in</html>"));
    await call();
    await exporter.flush();
    expect(exporter.counts()).toMatchObject({ waiting: 0, sent: 0, rejected: 1, lastError: "200" });
  });

  it("a 500 is tried again after a pause that grows, and given up after five attempts", async () => {
    open(kind);
    server.answerScores(() => Response.json({ message: "Internal Server Error" }, { status: 500 }));
    const pauses = pausesOf(clock);
    await call();
    await exporter.flush();
    for (const [index, pauseMs] of [1_000, 2_000, 4_000, 8_000].entries()) {
      expect(pauses()[index]).toBe(pauseMs);
      clock.advance(pauseMs);
      await vi.waitFor(() => expect(pauses()).toHaveLength(index + 2));
    }
    expect(server.scores()).toHaveLength(5);
    await vi.waitFor(() =>
      expect(exporter.counts()).toMatchObject({ waiting: 0, dropped: 1, lastError: "500" }),
    );
  });

  it.each([
    [401, { message: "Invalid credentials. Confirm that you've configured the correct host." }],
    [400, { message: "Invalid request data" }],
  ])("a %i is not tried again", async (status, body) => {
    open(kind);
    server.answerScores(() => Response.json(body, { status }));
    await call();
    await exporter.flush();
    clock.advance(100_000);
    expect(exporter.counts()).toMatchObject({ waiting: 0, rejected: 1, lastError: `${status}` });
    expect(server.scores()).toHaveLength(1);
  });

  it("a 207 that carries an error is no success", async () => {
    open(kind);
    const errors = [{ id: "x", status: 400, message: "Invalid request data" }];
    server.answerScores(() => Response.json({ successes: [], errors }, { status: 207 }));
    await call();
    await exporter.flush();
    expect(exporter.counts()).toMatchObject({ sent: 0, rejected: 1, lastError: "400" });
  });

  it("a Langfuse that hangs holds up no call, and what does not fit the queue is counted", async () => {
    open(kind, { timeoutMs: 3_000 });
    server.answerScores(() => undefined);
    await call(20);
    expect(exporter.counts().lastError).toBeUndefined(); // no request has given up yet
    await exporter.flush();
    expect(exporter.counts()).toMatchObject({ sent: 0, lastError: "network" });
    expect(exporter.counts().dropped).toBeGreaterThanOrEqual(20 - 3 - 4);
    await guard.close();
    expect(exporter.counts()).toMatchObject({ waiting: 0, dropped: 20 });
  });

  it("a Langfuse that is not there holds up no call, and close ends", async () => {
    open(kind);
    await server.close();
    await call(20);
    await guard.close();
    expect(exporter.counts()).toMatchObject({ sent: 0, waiting: 0, lastError: "network" });
    server = await startLangfuse();
  });
});

describe("the secret key", () => {
  it("may be a function, which is asked for each request, so that keys can change", async () => {
    const secret = vi.fn(async () => KEYS.secretKey);
    open("our own requests", { secretKey: secret });
    await call(2);
    await exporter.flush();
    expect(secret).toHaveBeenCalledTimes(2);
    expect(server.wrong).toEqual([]);
    expect(exporter.counts()).toMatchObject({ sent: 2 });
  });

  it("that cannot be had is tried again, and its error's text is kept nowhere", async () => {
    const secretKey = () => Promise.reject(new Error(`vault said ${KEYS.secretKey}`));
    open("our own requests", { secretKey });
    await call();
    await exporter.flush();
    expect(exporter.counts()).toMatchObject({ waiting: 1, lastError: "network" });
    expect(JSON.stringify(exporter.counts())).not.toContain(KEYS.secretKey);
  });

  it.each([undefined, ""])("that a vault does not have yet (%j) is not sent", async (missing) => {
    open("our own requests", { secretKey: async () => missing as string });
    await call();
    await exporter.flush();
    expect(exporter.counts()).toMatchObject({ waiting: 1, rejected: 0, lastError: "network" });
    expect(server.received).toEqual([]);
  });

  it("that a vault never hands out holds up neither calls nor close", async () => {
    open("our own requests", { secretKey: () => new Promise<string>(() => {}), timeoutMs: 20 });
    await call();
    await guard.close();
    expect(exporter.counts()).toMatchObject({ sent: 0, waiting: 0, lastError: "network" });
    expect(server.scores()).toEqual([]);
  });

  it("is printed nowhere, whatever Langfuse answers", async () => {
    const printed: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        printed.push(String(chunk));
        return true;
      }),
    );
    for (const method of ["log", "warn", "error", "debug", "info"] as const) {
      spies.push(
        vi.spyOn(console, method).mockImplementation((...args) => {
          printed.push(args.map(String).join(" "));
        }) as never,
      );
    }
    open("our own requests");
    for (const status of [401, 429, 500]) {
      server.answerScores(() => Response.json({ message: KEYS.secretKey }, { status }));
      await call();
      await exporter.flush();
    }
    await guard.close();
    for (const spy of spies) spy.mockRestore();
    expect(printed.join("\n")).not.toContain(KEYS.secretKey);
    expect(JSON.stringify(exporter)).not.toContain(KEYS.secretKey);
  });

  it("does not follow a redirect to somewhere else", async () => {
    open("our own requests");
    const elsewhere = await startLangfuse();
    server.answerScores(() => Response.redirect(`${elsewhere.url}/api/public/scores`, 307));
    await call();
    await exporter.flush();
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });
});
