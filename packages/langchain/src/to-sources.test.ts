import type { EvaluationInput, Evaluator } from "@burnrate/core";
import { Document } from "@langchain/core/documents";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda, RunnableSequence } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { guardCallback } from "./guard-callback.ts";
import { watchedGuard } from "./test-fixture.ts";

const alpha = new Document({
  ...{ id: "d1", pageContent: "Alpha" },
  metadata: { source: "a.md", title: "A" },
});
const beta = new Document({ pageContent: "Beta" });
const KNOWN = { text: "Alpha", id: "d1", url: "a.md", title: "A" };

class Both extends BaseRetriever {
  readonly lc_namespace = ["burnrate", "test"];
  override async _getRelevantDocuments(): Promise<Document[]> {
    return [alpha, beta];
  }
}

function asking() {
  const seen: EvaluationInput[] = [];
  const evaluator: Evaluator = {
    ...{ name: "asks", on: "model", sources: true },
    evaluate: (input) => ({ passed: seen.push(input) > 0 }),
  };
  const { guard } = watchedGuard({ evaluators: [evaluator], budgets: [] });
  return { seen, guard, callbacks: [guardCallback(guard)] };
}

const model = (): FakeListChatModel => new FakeListChatModel({ responses: ["answer"] });
const toText = RunnableLambda.from((documents: Document[]) => JSON.stringify(documents));

it("documents that a retriever of a chain finds are sources of the chain's answers", async () => {
  const { seen, callbacks } = asking();
  await RunnableSequence.from([new Both(), toText, model()]).invoke("q", { callbacks });
  expect(seen[0]?.sources).toEqual([
    { ...KNOWN, from: "retriever" },
    { text: "Beta", from: "retriever" },
  ]);
});

it("in a task of the application, a retriever and a model that are called apart belong together", async () => {
  const { seen, guard, callbacks } = asking();
  await guard.task({}, async () => {
    await new Both().invoke("q", { callbacks });
    await model().invoke("q", { callbacks });
  });
  expect(seen[0]?.sources.map(({ text }) => text)).toEqual(["Alpha", "Beta"]);
});

it("chains that run at once never see each other's documents", async () => {
  const { seen, callbacks } = asking();
  const chain = (name: string) => {
    const find = RunnableLambda.from(async () => name);
    const retriever = new (class extends Both {
      override async _getRelevantDocuments(): Promise<Document[]> {
        await new Promise((resolve) => setImmediate(resolve));
        return [new Document({ pageContent: name })];
      }
    })();
    const answering = new FakeListChatModel({ responses: [name] });
    return RunnableSequence.from([find, retriever, toText, answering]).invoke("q", { callbacks });
  };
  await Promise.all(Array.from({ length: 20 }, (_, at) => chain(`run ${at}`)));
  expect(seen).toHaveLength(20);
  for (const { sources, output } of seen) {
    expect(sources.map(({ text }) => text)).toEqual([output]);
  }
});

it("documents that a tool hands on as its artifact are sources, each by its name", async () => {
  const { seen, callbacks } = asking();
  const search = tool(async () => ["2 documents", [alpha, beta]], {
    name: "search",
    schema: z.object({}),
    responseFormat: "content_and_artifact",
  });
  const call = RunnableLambda.from(async (_: string, config) => {
    await search.invoke({ type: "tool_call", id: "1", name: "search", args: {} }, config);
    return "q";
  });
  await RunnableSequence.from([call, model()]).invoke("q", { callbacks });
  expect(seen[0]?.sources).toEqual([
    { ...KNOWN, from: "search" },
    { text: "Beta", from: "search" },
  ]);
});
