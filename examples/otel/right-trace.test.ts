import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { createGuard, type Evaluator, type Guard } from "@burnrate/core";
import { type FakeProvider, startFakeProvider } from "@burnrate/core/testing";
import { guardCallback } from "@burnrate/langchain";
import { langfuseExporter } from "@burnrate/langfuse";
import { guardClient } from "@burnrate/mcp";
import { createPriceBook } from "@burnrate/pricing";
import { ChatOpenAI } from "@langchain/openai";
import { startActiveObservation } from "@langfuse/tracing";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { generateText, streamText } from "ai";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

/** As much of a score as is looked at. */
interface SentScore {
  readonly traceId: string;
  readonly observationId?: string;
  readonly name: string;
}

const spans = new InMemorySpanExporter();
const scores: SentScore[] = [];
let provider: FakeProvider;
let guard: Guard;

beforeAll(async () => {
  provider = await startFakeProvider();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const spanProcessors = [new SimpleSpanProcessor(spans)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
});
afterAll(async () => {
  await provider.close();
  trace.disable();
  context.disable();
});

const verdict = (on: "model" | "tool", mode: "inline" | "background"): Evaluator => ({
  name: `${on} ${mode}`,
  on,
  mode,
  evaluate: () => ({ passed: true }),
});

beforeEach(() => {
  spans.reset();
  scores.length = 0;
  const create = async (score: SentScore): Promise<void> => void scores.push(score);
  guard = createGuard({
    prices: createPriceBook(),
    store: "memory",
    evaluators: [
      verdict("model", "inline"),
      verdict("model", "background"),
      verdict("tool", "inline"),
    ],
    exporters: [langfuseExporter({ client: { api: { scores: { create } } } })],
  });
});

const USERS = ["ann", "bob", "cleo", "dan", "eve"];

/** Runs the same for five users at once, each in a trace of its own, and closes the guard. */
async function forEachUser(run: (user: string) => Promise<unknown>): Promise<void> {
  await Promise.all(
    USERS.map((user) =>
      startActiveObservation(`request of ${user}`, () => guard.with({ user }, () => run(user))),
    ),
  );
  await guard.close();
}

function requestOf(user: string): ReadableSpan | undefined {
  return spans.getFinishedSpans().find(({ name }) => name === `request of ${user}`);
}

/** Each user's calls, and the scores of these calls, are in that user's trace and no other. */
function expectRightTraces(names: readonly string[]): void {
  for (const user of USERS) {
    const request = requestOf(user)?.spanContext();
    const own = spans.getFinishedSpans().filter(({ attributes }) => attributes["user.id"] === user);
    expect(own.length).toBeGreaterThan(0);
    for (const span of own) expect(span.spanContext().traceId).toBe(request?.traceId);
    const ids = own.map((span) => span.spanContext().spanId);
    const scored = scores.filter(({ observationId }) => ids.includes(observationId ?? ""));
    expect(scored.map(({ name }) => name).toSorted()).toEqual(names);
    for (const { traceId } of scored) expect(traceId).toBe(request?.traceId);
  }
  expect(scores).toHaveLength(USERS.length * names.length);
}

const openai = () =>
  createOpenAICompatible({
    name: "openai",
    baseURL: provider.url,
    apiKey: "none",
    includeUsage: true,
  })("gpt-5-mini");

it("calls of the AI SDK and their verdicts are in the trace of their request", async () => {
  const model = guardModel(openai(), guard);
  await forEachUser((user) => generateText({ model, prompt: user, maxRetries: 0 }));
  expectRightTraces(["model background", "model inline"]);
});

it("so are streams, which end long after they began", async () => {
  const model = guardModel(openai(), guard);
  await forEachUser(async (user) => {
    for await (const _ of streamText({ model, prompt: user, maxRetries: 0 }).textStream);
  });
  expectRightTraces(["model background", "model inline"]);
});

it("so are LangChain's, seen by a callback", async () => {
  const model = new ChatOpenAI({
    model: "gpt-5-mini",
    apiKey: "none",
    configuration: { baseURL: provider.url },
    maxRetries: 0,
  });
  await forEachUser((user) => model.invoke(user, { callbacks: [guardCallback(guard)] }));
  expectRightTraces(["model background", "model inline"]);
});

it("so are tool calls over MCP", async () => {
  const server = new McpServer({ name: "docs", version: "1.0.0" });
  server.registerTool("search", {}, () => ({ content: [{ type: "text", text: "found" }] }));
  const [theirs, ours] = InMemoryTransport.createLinkedPair();
  const client = guardClient(new Client({ name: "agent", version: "1.0.0" }), guard);
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  await forEachUser(() => client.callTool({ name: "search" }));
  expectRightTraces(["tool inline"]);
  await client.close();
});

it("calls that are refused are errors in the trace of their request", async () => {
  const refused = ["bob", "dan"];
  for (const user of refused) await guard.kill({ user }, { reason: "test", by: "on-call" });
  const model = guardModel(openai(), guard);
  await forEachUser((user) =>
    generateText({ model, prompt: user, maxRetries: 0 }).catch(() => undefined),
  );
  const errors = spans
    .getFinishedSpans()
    .filter(({ attributes }) => attributes["langfuse.observation.level"] === "ERROR");
  expect(errors.map(({ attributes }) => attributes["user.id"]).toSorted()).toEqual(refused);
  for (const error of errors) {
    expect(error.attributes["langfuse.observation.status_message"]).toBe("BR1001");
    const request = requestOf(`${error.attributes["user.id"]}`);
    expect(error.spanContext().traceId).toBe(request?.spanContext().traceId);
  }
});
