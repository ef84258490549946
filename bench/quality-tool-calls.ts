import { toolCallValid } from "@burnrate/evaluators";
import { type GoldCall, readGold, requiredOf, toJsonSchema } from "./quality-bfcl.ts";
import type { Part } from "./quality-data.ts";
import { type Row, round } from "./quality-figures.ts";

const SETS = ["BFCL_v4_simple_python", "BFCL_v4_multiple"];

/** Which share of right calls, and of each way to break them, is flagged. */
export const toolCalls: Part = {
  files: SETS.flatMap((name) => [`${name}.json`, `${name}.answers.json`]),
  measure: measureToolCalls,
};

function measureToolCalls(folder: string): void {
  const calls = SETS.flatMap((name) => readGold(folder, name));
  const rule = toolCallValid();
  const judge = ({ question }: GoldCall, name: string, args: unknown) =>
    rule.evaluate({
      input: question.question[0],
      output: [{ name, arguments: args }],
      metadata: {
        tools: question.function.map((tool) => ({
          ...tool,
          parameters: toJsonSchema(tool.parameters),
        })),
      },
    });
  const rows: Row[] = [];
  const report = (
    mutation: string,
    mutate: (call: GoldCall, index: number) => readonly [string, unknown] | undefined,
  ): void => {
    const cases = calls.flatMap((call, index) => {
      const mutated = mutate(call, index);
      return mutated === undefined ? [] : [judge(call, ...mutated)];
    });
    const flagged = cases.filter(({ passed }) => passed === false).length;
    const soft = cases.filter(({ score }) => score !== undefined && score < 1).length;
    rows.push({
      mutation,
      n: cases.length,
      flagged: round(flagged / cases.length),
      "below 1": round(soft / cases.length),
    });
  };
  const without = (call: GoldCall, key: string | undefined) =>
    key === undefined
      ? undefined
      : ([
          call.name,
          Object.fromEntries(Object.entries(call.arguments).filter(([name]) => name !== key)),
        ] as const);
  report("none (false alarms)", (call) => [call.name, call.arguments]);
  report("a tool that does not exist", (call) => [`${call.name}_v2`, call.arguments]);
  report("an argument that does not exist", (call) => [
    call.name,
    { ...call.arguments, not_an_argument: 1 },
  ]);
  report("a wrong type", (call) => {
    const [key] = Object.keys(call.arguments);
    if (key === undefined) return undefined;
    return [
      call.name,
      {
        ...call.arguments,
        [key]: typeof call.arguments[key] === "object" ? "text" : { wrong: true },
      },
    ];
  });
  report("a required argument missing", (call) =>
    without(
      call,
      requiredOf(call).find((key) => key in call.arguments),
    ),
  );
  report("a needed argument missing, required or not", (call, index) =>
    without(call, call.needed[index % call.needed.length]),
  );
  report("another tool of the list", (call) => {
    const other = call.question.function.find(({ name }) => name !== call.name);
    return other && [other.name, call.arguments];
  });
  report("a wrong value of the right type", (call) => {
    const key = call.needed.find((name) => typeof call.arguments[name] === "string");
    return key === undefined
      ? undefined
      : [call.name, { ...call.arguments, [key]: "something else" }];
  });
  console.log("\nTool calls, BFCL v4 simple and multiple");
  console.table(rows);
}
