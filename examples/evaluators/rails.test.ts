import { guardModel, guardTools } from "@burnrate/ai-sdk";
import {
  citationsResolve,
  groundednessLexical,
  numbersSupported,
  piiLeak,
  toolCallValid,
} from "@burnrate/evaluators";
import { guardCallback, guardEverywhere } from "@burnrate/langchain";
import { guardClient } from "@burnrate/mcp";
import { CallbackManager } from "@langchain/core/callbacks/manager";
import { Document } from "@langchain/core/documents";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda, RunnablePassthrough, RunnableSequence } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import {
  generateText,
  jsonSchema,
  simulateStreamingMiddleware,
  stepCountIs,
  streamText,
  tool,
  wrapLanguageModel,
} from "ai";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import {
  createGuard,
  createMemoryStore,
  type EvaluationResult,
  findGuardError,
  type Guard,
} from "burnrate";
import { describe, expect, it } from "vitest";

const FACTS =
  "The Harbour line opened in 1912. It is 23.4 km long and has 31 stations, of which 12 are underground.";
const GROUNDED = "The Harbour line opened in 1912 and has 31 stations.";
const INVENTED = "Queen Wilhelmina inaugurated 88 platforms during a snowstorm in Rotterdam, 1947.";

/** A guard whose answers are judged in the background, with no context by hand. */
function judging() {
  const verdicts: EvaluationResult[] = [];
  const mode = "background";
  const evaluators = [
    groundednessLexical({ mode }),
    numbersSupported({ mode }),
    citationsResolve({ mode }),
  ];
  const guard = createGuard({ store: createMemoryStore(), evaluators });
  guard.on("evaluation-completed", ({ result }) => verdicts.push(result));
  const statuses = async (): Promise<Record<string, string[]>> => {
    await guard.close();
    const found: Record<string, string[]> = {};
    for (const { evaluator, status } of verdicts) {
      found[evaluator] = [...(found[evaluator] ?? []), status];
    }
    return found;
  };
  return { guard, statuses };
}

const ANSWERS = [
  ["grounded", GROUNDED, "passed"],
  ["invented", INVENTED, "failed"],
] as const;

const usage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 10, text: 10, reasoning: 0 },
};

/** A model that asks for the tool first and then answers. */
function askingModel(answer: string, sources: readonly object[] = []): MockLanguageModelV4 {
  let step = 0;
  return new MockLanguageModelV4({
    doGenerate: async () => {
      step++;
      const content =
        step === 1
          ? [
              {
                type: "tool-call",
                toolCallId: "c1",
                toolName: "lookUp",
                input: '{"line":"Harbour"}',
              },
            ]
          : [{ type: "text", text: answer }, ...sources];
      const unified = step === 1 ? "tool-calls" : "stop";
      return { content, usage, warnings: [], finishReason: { unified, raw: undefined } } as never;
    },
  });
}

const tools = (output: unknown) => ({
  lookUp: tool({
    description: "Looks a line up",
    inputSchema: jsonSchema<{ line: string }>({
      type: "object",
      properties: { line: { type: "string" } },
    }),
    execute: async () => output,
  }),
});

async function ask(guard: Guard, answer: string, output: unknown, sources: readonly object[] = []) {
  const { text } = await generateText({
    model: guardModel(askingModel(answer, sources), guard),
    tools: guardTools(tools(output), guard),
    stopWhen: stepCountIs(3),
    prompt: "When did the line open, and how many stations has it?",
  });
  expect(text).toBe(answer);
}

describe("an AI SDK agent is judged by what its tools returned", () => {
  it.each(ANSWERS)("%s", async (_, answer, status) => {
    for (const output of [
      FACTS,
      { line: "Harbour line", opened: 1912, stations: 31, note: FACTS },
    ]) {
      const { guard, statuses } = judging();
      await ask(guard, answer, output);
      const found = await statuses();
      expect(found["groundednessLexical"]?.at(-1)).toBe(status);
      expect(found["numbersSupported"]?.at(-1)).toBe(status);
    }
  });

  it("inside a task of the application, too, and not by what another run at once found", async () => {
    const { guard, statuses } = judging();
    await Promise.all([
      guard.task({ name: "a" }, () => ask(guard, GROUNDED, FACTS)),
      guard.task({ name: "b" }, () => ask(guard, GROUNDED, "Bananas grow in Ecuador.")),
    ]);
    const { groundednessLexical: verdicts } = await statuses();
    expect(verdicts?.filter((status) => status === "passed")).toHaveLength(1);
    expect(verdicts?.filter((status) => status === "failed")).toHaveLength(1);
  });

  it("and may cite what the model's provider names as sources, and nothing else", async () => {
    const url = "https://transit.example/harbour";
    const source = { type: "source", sourceType: "url", id: "s1", url, title: "Harbour line" };
    for (const [cited, status] of [
      [url, "passed"],
      ["https://made-up.example/page", "failed"],
    ] as const) {
      const { guard, statuses } = judging();
      await ask(guard, `${GROUNDED} See ${cited}`, FACTS, [source]);
      expect((await statuses())["citationsResolve"]?.at(-1)).toBe(status);
    }
  });

  it.each(ANSWERS)("a stream about a text file in the prompt: %s", async (_, answer, status) => {
    const { guard, statuses } = judging();
    const chunks = [
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: answer },
      { type: "text-end", id: "1" },
      { type: "finish", usage, finishReason: { unified: "stop", raw: undefined } },
    ];
    const model = new MockLanguageModelV4({
      doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) as never,
    });
    const data = new TextEncoder().encode(FACTS);
    const file = { type: "file" as const, mediaType: "text/plain", data, filename: "lines.txt" };
    const content = [file, { type: "text" as const, text: "When did it open?" }];
    const { textStream } = streamText({
      model: guardModel(model, guard),
      messages: [{ role: "user", content }],
    });
    for await (const _part of textStream);
    expect((await statuses())["groundednessLexical"]).toEqual([status]);
  });
});

describe("an AI SDK agent with required evaluators", () => {
  const LEAK = `${GROUNDED} Ask anna@private.example.`;
  const agent = (answer: string, onStream: "end" | "hold" | { window: number }) => {
    const evaluators = [
      piiLeak({ required: true, onStream }),
      groundednessLexical({ required: true, onStream }),
      toolCallValid({ required: true }),
    ];
    const guard = createGuard({ store: createMemoryStore(), evaluators });
    const judged: string[] = [];
    guard.on("evaluation-completed", ({ result }) => judged.push(result.evaluator));
    const scripted = askingModel(answer);
    const model = wrapLanguageModel({ model: scripted, middleware: simulateStreamingMiddleware() });
    const asked = {
      model: guardModel(model, guard),
      tools: guardTools(tools(FACTS), guard),
      stopWhen: stepCountIs(3),
      prompt: "When did the line open, and how many stations has it?",
      maxRetries: 0,
      onError: () => {},
    };
    const codeOf = (error: unknown) => findGuardError(error)?.code;
    const streamed = async (): Promise<string | undefined> => {
      let text = "";
      for await (const part of streamText(asked).fullStream) {
        if (part.type === "error") return codeOf(part.error);
        if (part.type === "text-delta") text += part.text;
      }
      return text;
    };
    const whole = () => generateText(asked).then(({ text }) => text, codeOf);
    return { guard, judged, streamed, whole };
  };

  it.each(["whole", "streamed"] as const)("calls its tools and answers: %s", async (way) => {
    for (const onStream of ["end", "hold", { window: 16 }] as const) {
      const good = agent(GROUNDED, onStream);
      expect(await good[way]()).toBe(GROUNDED);
      await good.guard.close();
      // Of the turn that only calls the tool there is nothing to say but that the call is right.
      expect(good.judged.filter((name) => name === "piiLeak")).toHaveLength(1);
      expect(good.judged.filter((name) => name === "toolCallValid")).toHaveLength(2);
      const leaking = agent(LEAK, onStream);
      expect(await leaking[way]()).toBe("BR6001");
      await leaking.guard.close();
    }
  });
});

/** Finds the documents that share most words with the question. */
class WordRetriever extends BaseRetriever {
  readonly lc_namespace = ["burnrate", "test"];
  readonly documents: readonly Document[];

  constructor(documents: readonly Document[]) {
    super();
    this.documents = documents;
  }

  override async _getRelevantDocuments(question: string): Promise<Document[]> {
    const words = question.toLowerCase().split(/\W+/u);
    const score = ({ pageContent }: Document): number =>
      words.filter((word) => pageContent.toLowerCase().includes(word)).length;
    return [...this.documents].sort((a, b) => score(b) - score(a)).slice(0, 1);
  }
}

function ragChain(answer: string) {
  const retriever = new WordRetriever([
    new Document({ pageContent: "Bananas grow in Ecuador.", metadata: { source: "b.md" } }),
    new Document({ pageContent: FACTS, metadata: { source: "lines.md", title: "Lines" } }),
  ]);
  const format = RunnableLambda.from((documents: Document[]) =>
    documents.map(({ pageContent }) => pageContent).join("\n"),
  );
  return RunnableSequence.from([
    { context: retriever.pipe(format), question: new RunnablePassthrough<string>() },
    ChatPromptTemplate.fromTemplate("Context: {context}\nQuestion: {question}"),
    new FakeListChatModel({ responses: [answer] }),
  ]);
}

describe("a LangChain RAG chain is judged by what its retriever found", () => {
  it.each(ANSWERS)("with the callback: %s", async (_, answer, status) => {
    const { guard, statuses } = judging();
    const chain = ragChain(answer);
    await chain.invoke("When did the Harbour line open?", { callbacks: [guardCallback(guard)] });
    expect((await statuses())["groundednessLexical"]).toEqual([status]);
  });

  it.each(ANSWERS)(
    "with guardEverywhere, in a task of the application: %s",
    async (_, answer, status) => {
      const { guard, statuses } = judging();
      // Of this copy: the adapter's own may be another version.
      const undo = guardEverywhere(guard, { managers: [CallbackManager] });
      await guard.task({ name: "rag" }, () => ragChain(answer).invoke("When did the line open?"));
      undo();
      expect((await statuses())["groundednessLexical"]).toEqual([status]);
    },
  );

  it("may cite the document by its name, and no other", async () => {
    for (const [cited, status] of [
      ["[1]", "passed"],
      ["[7]", "failed"],
    ] as const) {
      const { guard, statuses } = judging();
      const chain = ragChain(`${GROUNDED} ${cited}`);
      await chain.invoke("When did the Harbour line open?", { callbacks: [guardCallback(guard)] });
      expect((await statuses())["citationsResolve"]).toEqual([status]);
    }
  });
});

describe("an answer is judged by what an MCP server returned", () => {
  it.each(ANSWERS)("%s", async (_, answer, status) => {
    for (const result of [
      { content: [{ type: "text" as const, text: FACTS }] },
      {
        content: [
          {
            type: "resource" as const,
            resource: { uri: "docs://lines", mimeType: "text/plain", text: FACTS },
          },
        ],
      },
      { content: [], structuredContent: { line: "Harbour line", opened: 1912, note: FACTS } },
    ]) {
      const { guard, statuses } = judging();
      const server = new McpServer({ name: "lines", version: "1.0.0" });
      server.registerTool("lookUp", {}, async () => result);
      const [here, there] = InMemoryTransport.createLinkedPair();
      const client = new Client({ name: "test", version: "1.0.0" });
      await Promise.all([server.connect(there), client.connect(here)]);
      const guarded = guardClient(client, guard);
      await guard.task({ name: "ask" }, async () => {
        await guarded.callTool({ name: "lookUp", arguments: {} });
        const request = { kind: "model", provider: "p", name: "m", input: "When?" } as const;
        await guard.run(request, () => ({ value: answer, output: answer }));
      });
      await client.close();
      expect((await statuses())["groundednessLexical"]).toEqual([status]);
    }
  });
});
