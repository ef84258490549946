import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob, globsOverlap } from "./glob.ts";

/** Slow and obvious. */
function matchesByDefinition(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    return (
      matchesByDefinition(pattern.slice(1), text) ||
      (text !== "" && matchesByDefinition(pattern, text.slice(1)))
    );
  }
  return text[0] === pattern[0] && matchesByDefinition(pattern.slice(1), text.slice(1));
}

describe("compileGlob", () => {
  it.each([
    ["claude-opus-*", "claude-opus-4-5", true],
    ["claude-opus-*", "claude-opus-", true],
    ["claude-opus-*", "claude-sonnet-4-5", false],
    ["claude-opus-*", "Claude-OPUS-4", true],
    ["GPT-5", "gpt-5", true],
    ["gpt-5", "gpt-5-mini", false],
    ["*", "", true],
    ["**", "anything", true],
    ["*-mini", "gpt-5-mini", true],
    ["gpt-*-mini", "gpt-mini", false],
    ["ab*ba", "aba", false],
    ["*a*b*", "ba", false],
    ["a.c", "abc", false],
    ["(a+)+$*", "(a+)+$", true],
    ["accounts/*/models/*", "accounts/fireworks/models/x", true],
  ])("%s and %s: %s", (pattern, text, matches) => {
    expect(compileGlob(pattern)(text)).toBe(matches);
  });

  it("agrees with the definition of * for every pattern and text", () => {
    const short = (characters: string) =>
      fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 });
    fc.assert(
      fc.property(short("ab*"), short("ab"), (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(matchesByDefinition(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is not slowed down by a pattern made to be slow", () => {
    const matches = compileGlob(`${"a*".repeat(100)}b`);
    const started = performance.now();
    expect(matches(`${"a".repeat(100_000)}c`)).toBe(false);
    expect(matches(`${"a".repeat(100_000)}b`)).toBe(true);
    expect(performance.now() - started).toBeLessThan(20_000); // trying all ways would take years
  });
});

describe("globsOverlap", () => {
  it.each([
    ["openai/*", "*/gpt-5", true],
    ["openai/*", "OpenAI/gpt-5", true],
    ["openai/*", "anthropic/*", false],
    ["a*b", "b*a", false],
    ["a*", "*b", true],
    ["", "*", true],
    ["", "a", false],
    ["a*a", "aa*b*a", true],
  ])("%s and %s: %s", (one, other, expected) => {
    expect(globsOverlap(one, other)).toBe(expected);
    expect(globsOverlap(other, one)).toBe(expected);
  });

  it("is true just where some text matches both", () => {
    const texts = [""];
    for (const text of texts) if (text.length < 6) texts.push(`${text}a`, `${text}b`);
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 3 });
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const [isOne, isOther] = [compileGlob(one), compileGlob(other)];
        const expected = texts.some((text) => isOne(text) && isOther(text));
        expect(globsOverlap(one, other)).toBe(expected);
      }),
    );
  });
});
