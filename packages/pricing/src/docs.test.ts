import { readFileSync } from "node:fs";
import { createGuard } from "@burnrate/core";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, it } from "vitest";
import { createPriceBook, exactTokens } from "./index.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const INPUT = [{ role: "user", content: "How is the weather?" }];

it("a guard as strict as docs/overshoot.md makes it refuses a call that nobody bounds", async () => {
  const guard = createGuard({
    prices: createPriceBook({ estimator: "bytes" }),
    budgets: ["$5/day"],
    onUnboundedOutput: "refuse",
  });
  const call = { kind: "model", name: "gpt-5", input: INPUT, bound: "assumed" } as const;
  await expect(guard.begin(call)).rejects.toThrow(/onUnboundedOutput/);
  await guard.close();
});

it("a guard as docs/overshoot.md watches it tells of a call that cost more than it reserved", async () => {
  const seen: string[] = [];
  const report = (message: string): void => void seen.push(message);
  const prices = createPriceBook();
  const guard = createGuard({ prices, budgets: ["$0.05/day"] });

  guard.on("budget-overshot", ({ budget, spent, limit }) => {
    report(`${budget}: ${spent} of ${limit} nano-dollars`);
  });
  guard.on("call-settled", ({ name, costNanoUsd = 0, reservedNanoUsd }) => {
    if (costNanoUsd > reservedNanoUsd) report(`${name} cost ${costNanoUsd}`);
  });
  report(`${guard.metrics().assumedBounds} calls without an output limit`);

  const estimate = { inputTokens: 10, maxOutputTokens: 10 };
  const permit = await guard.begin({ kind: "model", name: "gpt-5", estimate });
  permit.dispatched();
  await permit.settle({ usage: { inputTokens: 10, outputTokens: 10_000 } });
  expect(seen).toEqual([
    "0 calls without an output limit",
    "$0.05/day: 100012500 of 50000000 nano-dollars",
    "gpt-5 cost 100012500",
  ]);
  await guard.close();
});

it("the price books of the README estimate as it says", () => {
  const calibrated = createPriceBook({ estimator: "calibrated" });
  const exact = createPriceBook({ estimator: exactTokens({ o200k, cl100k }) });
  const card = exact.resolve("openai", "gpt-5", Date.UTC(2026, 9, 1));
  expect(calibrated.estimateInputTokens(INPUT, card)).toBe(calibrated.estimateInputTokens(INPUT));
  expect(exact.estimateInputTokens(INPUT, card)).toBeLessThan(30);
});

it("the snippets of these pages are what this file runs", () => {
  const lines = (text: string): string => text.replaceAll(/^ +/gm, "").trim();
  const here = lines(read("./docs.test.ts"));
  const marked = /<!-- from packages\/pricing\/src\/docs\.test\.ts -->\n+```ts\n([\s\S]*?)```/g;
  const counts = ["../README.md", "../../../docs/overshoot.md"].map((page) => {
    const snippets = [...read(page).matchAll(marked)].map(([, code = ""]) => lines(code));
    for (const snippet of snippets) expect(here, page).toContain(snippet);
    return snippets.length;
  });
  expect(counts).toEqual([1, 2]);
});
