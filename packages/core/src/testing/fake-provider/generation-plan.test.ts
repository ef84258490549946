import fc from "fast-check";
import { expect, test } from "vitest";
import { planGeneration } from "./generation-plan.ts";
import { countTokens } from "./tokens.ts";

const anyText = fc.string({ unit: "binary" });

test("never plans more than the limit, and all of the answer when the limit allows", () => {
  const count = fc.nat({ max: 40 });
  fc.assert(
    fc.property(
      anyText,
      anyText,
      fc.option(count),
      count,
      count,
      (text, json, deal, think, max) => {
        const toolCalls = [{ name: "some_tool", arguments: json }];
        const generation = { text, toolCalls, reasoningTokens: think, chunks: deal ?? 1 };
        const plan = planGeneration(generation, max, "");
        const planned = plan.pieces.reduce(
          (sum, piece) => sum + piece.tokens,
          plan.reasoningTokens,
        );
        const wanted = think + countTokens(text) + countTokens("some_tool") + countTokens(json);
        expect(planned).toBeLessThanOrEqual(max);
        expect(plan.finishReason).toBe(wanted > max ? "length" : "tool_calls");
        if (wanted <= max) expect(planned).toBe(wanted);
      },
    ),
  );
});

test("never cuts a tool's name in half", () => {
  const toolCalls = [{ name: "long_tool_name", arguments: {} }];
  const plan = planGeneration({ text: "aaaa", toolCalls }, 3, "");
  expect(plan.pieces).toEqual([{ kind: "text", tokens: 1, text: "aaaa" }]);
  expect(plan.finishReason).toBe("length");
});
