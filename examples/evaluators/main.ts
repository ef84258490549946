import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { createGuard, findGuardError } from "@burnrate/core";
import { startFakeProvider } from "@burnrate/core/testing";
import { createEvaluationSlis, groundednessLexical, modelJudge } from "@burnrate/evaluators";
import { createPriceBook } from "@burnrate/pricing";
import { generateText, type ModelMessage } from "ai";

/**
 * An agent answers 60 questions from what a search found. A rule looks at every answer in the
 * background; a model judges each before the caller gets it, and must pass it. Nothing leaves this
 * machine: the provider is a fake one, so this shows how verdicts travel and not how good they are.
 */
const FOUND = "The moon is 384,400 km away from the earth. It has no air and no weather.";
const ANSWERS = [
  "The moon is 384,400 km away.",
  "The moon has no air.",
  "Mars lost 7 probes in 1999.",
];

const provider = await startFakeProvider();
const openai = createOpenAICompatible({ name: "openai", baseURL: provider.url, apiKey: "none" });

let asked = 0;
let judged = 0;
provider.script(({ model, body }) => {
  if (model === "gpt-5") return { kind: "reply", text: ANSWERS[asked++ % ANSWERS.length] ?? "" };
  if (++judged % 20 === 0) return { kind: "reply", text: "PASS, I would say." }; // no verdict: not a pass
  const supported = !JSON.stringify(body["messages"]).includes("Mars");
  const reason = supported ? "The context says so." : "The context says nothing of Mars.";
  const verdict = supported ? "pass" : "fail";
  return { kind: "reply", text: JSON.stringify({ reason, verdict }) };
});

// Judges have a guard of their own, with a budget of their own.
const judges = createGuard({ prices: createPriceBook(), budgets: ["$1"] });
const judge = modelJudge({
  model: guardModel(openai("gpt-5-mini"), judges),
  rubric: "groundedness",
  required: true,
  retries: 0,
  cache: false, // the same few answers again and again would be judged once
});
const guard = createGuard({ evaluators: [groundednessLexical({ mode: "background" }), judge] });
const slis = createEvaluationSlis();
slis.follow(guard);

const model = guardModel(openai("gpt-5"), guard);
const messages: ModelMessage[] = [
  { role: "user", content: "Tell me something about the moon." },
  {
    role: "assistant",
    content: [{ type: "tool-call", toolCallId: "1", toolName: "search", input: { text: "moon" } }],
  },
  {
    role: "tool",
    content: [
      {
        type: "tool-result",
        toolCallId: "1",
        toolName: "search",
        output: { type: "text", value: FOUND },
      },
    ],
  },
];

const seen = new Map<string, number>();
for (let at = 0; at < 60; at++) {
  let what: string;
  try {
    what = (await generateText({ model, messages, maxRetries: 0 })).text;
  } catch (error) {
    const { code, details } = findGuardError(error) ?? {};
    what = `withheld with ${code}: the judge's verdict is "${details?.["status"]}"`;
  }
  seen.set(what, (seen.get(what) ?? 0) + 1);
}
await guard.close(); // waits for the evaluators in the background
await Promise.all([judges.close(), provider.close()]);

console.log("What the caller got:");
for (const [what, times] of seen) console.log(`${String(times).padStart(4)} × ${what}`);

const percent = (share: number): string => `${Math.round(share * 100)} %`;
console.log("\nHow many answers are grounded, as each evaluator says:");
for (const name of slis.evaluators()) {
  const figures = slis.figures(name);
  if (figures === undefined) continue;
  const { estimate, low, high, judged: verdicts, calibrated } = figures.passRate;
  const range = `${percent(estimate)} (${percent(low)} to ${percent(high)})`;
  const errors = percent(figures.errorRate.estimate);
  const trust = calibrated ? "corrected by labels" : "no labels: its own errors are in it";
  console.log(`${name}: ${range} of ${verdicts} verdicts, ${errors} errors; ${trust}`);
}
const { calls, unreadable } = judge.figures();
console.log(`\nThe judge was called ${calls} times; ${unreadable} answers were no verdict.`);
