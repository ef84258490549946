import fc from "fast-check";
import { expect, test } from "vitest";
import { countChatTokens, countTokens, splitTokens, TOKENS_PER_MESSAGE } from "./tokens.ts";

const anyText = fc.string({ unit: "binary" });

test("counts four characters a token, never more than the text has bytes", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const tokens = splitTokens(text);
      expect(tokens.join("")).toBe(text);
      expect(countTokens(text)).toBe(tokens.length);
      expect(tokens.length).toBeLessThanOrEqual(Buffer.byteLength(text));
    }),
  );
});

test("counts messages, their parts, tool calls and tool definitions", () => {
  const tools = [{ type: "function", function: { name: "find" } }];
  const messages = [
    { role: "system", content: "abcd" },
    { role: "user", content: [{ type: "text", text: "abcde" }] },
    { role: "assistant", content: null, tool_calls: [1] },
  ];
  const json = countTokens(JSON.stringify(tools));
  expect(countChatTokens({ messages, tools })).toBe(3 * TOKENS_PER_MESSAGE + 1 + 2 + 1 + json);
});
