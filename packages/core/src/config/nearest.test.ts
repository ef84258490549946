import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

const WINDOWS = ["minute", "hour", "day", "week", "month", "task", "session", "total"];

describe("nearest", () => {
  it.each([
    ["days", "day"],
    ["Dya", "day"],
    ["mnoth", "month"],
    ["sesion", "session"],
    ["HOUR", "hour"],
  ])("takes %s for a misspelt %s", (word, meant) => {
    expect(nearest(word, WINDOWS)).toBe(meant);
  });

  it.each(["", "fortnight", "x", "d".repeat(1_000_000)])("guesses nothing for %.12s", (word) => {
    expect(nearest(word, WINDOWS)).toBeUndefined();
  });

  it("finds every word that has one letter lost, doubled, changed or swapped", () => {
    const typo = fc
      .tuple(
        fc.constantFrom("budgets", "evaluators", "exporters", "authorize"),
        fc.nat(6),
        fc.nat(3),
      )
      .map(([word, at, kind]) => {
        const [head, letter, next, tail] = [
          word.slice(0, at),
          word.charAt(at),
          word.charAt(at + 1),
          word.slice(at + 1),
        ];
        const typos = [
          head + tail,
          head + letter + letter + tail,
          `${head}_${tail}`,
          head + next + letter + tail.slice(1),
        ];
        return { word, typed: typos[kind] ?? word };
      });
    fc.assert(
      fc.property(typo, ({ word, typed }) => {
        expect(nearest(typed, ["budgets", "evaluators", "exporters", "authorize"])).toBe(word);
      }),
    );
  });
});
