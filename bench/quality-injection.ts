import { join } from "node:path";
import { promptInjectionHeuristic } from "@burnrate/evaluators";
import { type Part, readRecords } from "./quality-data.ts";
import { round } from "./quality-figures.ts";

const FILE = "tool-descriptions.jsonl";

/** Which share of descriptions that try to steer a model, and of others, is flagged. */
export const injection: Part = { files: [FILE], measure: measureInjection };

function measureInjection(folder: string): void {
  type Tool = { readonly label: 0 | 1; readonly description: string };
  const tools = readRecords<Tool>(join(folder, FILE), {
    label: "any",
    description: "text",
  });
  const rule = promptInjectionHeuristic();
  const rows = ([1, 0] as const).map((label) => {
    const those = tools.filter((tool) => tool.label === label);
    const flagged = those.filter(
      ({ description }) => rule.evaluate({ output: description }).passed === false,
    );
    return {
      tools: label === 1 ? "malicious" : "benign",
      n: those.length,
      flagged: round(flagged.length / those.length),
    };
  });
  console.log(
    "\nPrompt injection, descriptions of MCP tools (most of the malicious say plainly what they do)",
  );
  console.table(rows);
}
