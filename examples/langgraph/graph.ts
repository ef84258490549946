import { Annotation, StateGraph } from "@langchain/langgraph";
import type { ChatOpenAI } from "@langchain/openai";

const State = Annotation.Root({
  topic: Annotation<string>(),
  facts: Annotation<string>(),
  risks: Annotation<string>(),
  report: Annotation<string>(),
});

/** Two nodes side by side and one after them; none of them knows of a guard. */
export function researchGraph(model: ChatOpenAI) {
  const ask = async (question: string): Promise<string> => (await model.invoke(question)).text;
  return new StateGraph(State)
    .addNode("find_facts", async ({ topic }) => ({ facts: await ask(`Facts about ${topic}`) }))
    .addNode("find_risks", async ({ topic }) => ({ risks: await ask(`Risks of ${topic}`) }))
    .addNode("write_report", async ({ facts, risks }) => ({
      report: await ask(`Report on ${facts} and ${risks}`),
    }))
    .addEdge("__start__", "find_facts")
    .addEdge("__start__", "find_risks")
    .addEdge(["find_facts", "find_risks"], "write_report")
    .compile();
}
