import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { createPriceBook, exactTokens, type PriceBookOptions } from "../src/index.ts";
import { TEXTS } from "./estimator-texts.ts";
import { makeCalls, runTrial, type Traffic } from "./estimator-trial.ts";

/** Prints how far each estimator is from what gpt-tokenizer counts. Takes some minutes. */
const CALLS = 10_000;
const everything: Traffic = {
  kinds: Object.fromEntries(Object.keys(TEXTS).map((kind) => [kind, 1])),
  tools: 0.3,
};
const support: Traffic = { kinds: { english: 8, german: 1, markdown: 1 }, tools: 0.3 };
const coding: Traffic = { kinds: { code: 6, english: 2, json: 1, markdown: 1 }, tools: 1 };
const rows: readonly (readonly [string, Traffic, Traffic | undefined])[] = [
  ["support chat", support, undefined],
  ["coding agent", coding, undefined],
  ["every kind at once", everything, undefined],
  ["every kind, the 1,000 calls after 10,000 of support", everything, support],
];

const estimators: readonly (readonly [string, NonNullable<PriceBookOptions["estimator"]>])[] = [
  ["bytes", "bytes"],
  ["calibrated", "calibrated"],
  ["exact", exactTokens({ o200k, cl100k })],
];

console.log("| traffic | estimator | reserved ÷ true | below the truth | worst true ÷ reserved |");
console.log("| --- | --- | --- | --- | --- |");
for (const [name, traffic, before] of rows) {
  const learning = makeCalls(before ?? traffic, CALLS, 11);
  const calls = makeCalls(traffic, before === undefined ? CALLS : 1_000, 7);
  for (const [label, estimator] of estimators) {
    const prices = createPriceBook({ estimator });
    const card = prices.resolve("openai", "gpt-4o", Date.UTC(2026, 9, 1));
    if (card === undefined) throw new Error("no gpt-4o in the data");
    runTrial(prices, card, learning);
    const { reserved, under, worst } = runTrial(prices, card, calls);
    const rate = `${(under * 100).toFixed(2)} %`;
    console.log(`| ${name} | ${label} | ${reserved.toFixed(2)} | ${rate} | ${worst.toFixed(2)} |`);
  }
}
