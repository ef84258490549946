import * as rules from "@burnrate/evaluators";
import { type Measured, measure, quick } from "./measure.ts";
import { randomFrom } from "./random.ts";
import { measureScheduling } from "./scheduling.ts";

const ROUNDS = quick ? 100 : 1_000;
const SYLLABLES =
  "ka ter min dor vel shi pra con lu est ba rin tol ex um per ga lo mi ent ra sto".split(" ");

/**
 * Rules on an answer of 2 KB with a context of 8 KB, and what a background evaluator adds to a
 * call.
 */
export async function measureEvaluators(): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const [rule, given, target] of cases()) {
    results.push(
      await measure(
        rule.name,
        "us/verdict",
        () => {
          const startedMs = performance.now();
          for (let round = 0; round < ROUNDS; round++) rule.evaluate(given);
          return ((performance.now() - startedMs) * 1_000) / ROUNDS;
        },
        { target },
      ),
    );
  }
  return [...results, ...(await measureScheduling())];
}

type Case = readonly [rules.RuleEvaluator, rules.EvaluatorInput, target: string];

function cases(): Case[] {
  const context = Array.from({ length: 8 }, (_, at) => prose(1_024, at));
  const output = prose(1_024, 50) + prose(1_024, 3);
  const input = prose(80, 5);
  const text = { input, output, expected: `${output}.`, context };
  const data = JSON.stringify(
    Array.from({ length: 40 }, (_, id) => ({ id, name: "a name", ok: true })),
  );
  const parameters = {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  };
  const calls = [{ type: "tool-call", toolName: "look_up", input: '{"city":"Hamburg"}' }];
  const tools = [{ name: "look_up", parameters }];
  const schema = { type: "array", items: { type: "object", required: ["id"] } };
  const least = "≤ 100";
  return [
    [rules.groundednessLexical(), text, "≤ 1,000"],
    [rules.numbersSupported(), text, least],
    [rules.citationsResolve(), { ...text, output: `${output} [1] [2] [9]` }, least],
    [rules.answerRelevance(), text, least],
    [rules.exactMatch(), text, least],
    [rules.contains({ all: ["harbour"], none: ["zebra"] }), text, least],
    [rules.matches({ pattern: "(refund|credit) of \\d+" }), text, least],
    [rules.jsonValid(), { output: data }, least],
    [rules.schemaValid({ schema }), { output: data }, least],
    [rules.toolCallValid({ tools }), { output: calls, input: output }, least],
    [rules.toolSequence({ expected: ["look_up"] }), { output: calls }, least],
    [rules.refusal(), text, least],
    [rules.profanity(), text, least],
    [rules.piiLeak(), text, least],
    [rules.promptInjectionHeuristic(), text, least],
    [rules.latencyUnder({ limitMs: 5 }), { output, metadata: { latencyMs: 4 } }, least],
    [rules.costUnder({ limitUsd: 5 }), { output, metadata: { costUsd: 4 } }, least],
    [rules.lengthWithin({ max: 5_000 }), text, least],
    [rules.languageIs({ language: "en" }), text, least],
    [rules.notRepeated(), text, least],
  ];
}

/** Sentences of some 900 words, frequent ones and rare ones, with a name or a number in each. */
function prose(length: number, seed: number): string {
  const random = randomFrom(seed);
  let text = "";
  while (text.length < length) {
    const words = Array.from({ length: 10 + Math.floor(random() * 12) }, () => wordOf(random()));
    const middle = random() < 0.5 ? String(Math.floor(random() * 3_000)) : `M${wordOf(random())}`;
    text += `The ${words.slice(0, 5).join(" ")} ${middle} ${words.slice(5).join(" ")}. `;
  }
  return text.slice(0, length);
}

function wordOf(random: number): string {
  const rank = Math.floor(random * random * 900);
  const parts = [rank % 22, Math.floor(rank / 22), (rank * 7) % 22].slice(0, 1 + (rank % 3));
  return parts.map((at) => SYLLABLES[at % SYLLABLES.length]).join("");
}
