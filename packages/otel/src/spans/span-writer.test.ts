import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { expect, it } from "vitest";
import { begunTooLongAgo, script } from "../testing/scripted.ts";

it("spans of a call that ended late add up to its tokens and its cost", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const reservation = { dispatchedTtlMs: 1_000 };
  const scripted = script({ tracer: provider.getTracer("agents") }, { reservation });
  const permit = await begunTooLongAgo(scripted);
  const record = await permit.settle({ usage: { inputTokens: 900, outputTokens: 100 } });
  await scripted.guard.close();
  const spans = exporter.getFinishedSpans();
  const sum = (key: string): number =>
    spans.reduce((all, { attributes }) => all + Number(attributes[key] ?? 0), 0);
  expect(spans.map(({ attributes }) => attributes["burnrate.outcome"])).toEqual([
    "unknown",
    "success",
  ]);
  expect(sum("gen_ai.usage.input_tokens")).toBe(900);
  expect(sum("gen_ai.usage.output_tokens")).toBe(100);
  expect(sum("burnrate.cost.usd")).toBe((record.costNanoUsd ?? 0) / 1e9);
});

it("the span of a refused call tells of no tokens, which nobody reported, and one billed by the second where its usage is from", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const { guard } = script({ tracer: provider.getTracer("agents") }, { budgets: ["2 calls"] });
  const request = { kind: "model", provider: "openai", name: "gpt-5-mini" } as const;
  const usage = { inputTokens: 900, outputTokens: 100 };
  await guard.run(request, () => ({ value: "hello", usage }));
  const unitsOnly = { inputTokens: 0, outputTokens: 0, seconds: 60 };
  await guard.run(request, () => ({ value: "heard", usage: unitsOnly }));
  await guard.run(request, () => ({ value: "never", usage })).catch(() => undefined);
  await guard.close();
  const told = exporter
    .getFinishedSpans()
    .map(({ attributes }) => [
      attributes["burnrate.outcome"],
      attributes["gen_ai.usage.input_tokens"],
      attributes["burnrate.usage.source"],
    ]);
  expect(told).toEqual([
    ["success", 900, "provider"],
    ["success", 0, "provider"],
    ["refused", undefined, undefined],
  ]);
});
