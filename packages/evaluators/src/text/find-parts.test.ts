import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findParts } from "./find-parts.ts";

/** Long enough that the parts are looked for all at once. */
const FILLER = "ab".repeat(100_000);
const WHOLE = FILLER.slice(0, 10_000);

describe("parts of a text", () => {
  it("are found in a long text as in a short one, wherever they begin and end", () => {
    const word = fc.string({ unit: fc.constantFrom("x", "y", "z"), minLength: 1, maxLength: 6 });
    const property = fc.property(
      fc.string({ unit: fc.constantFrom("x", "y", "z"), maxLength: 40 }),
      fc.array(word, { minLength: 1, maxLength: 12 }),
      (text, parts) => {
        const expected = new Set(parts.filter((part) => text.includes(part)));
        expect(findParts(text, parts)).toEqual(expected);
        const long = `${text}-${FILLER}`;
        expect(findParts(long, [...parts, WHOLE])).toEqual(new Set([...expected, WHOLE]));
      },
    );
    fc.assert(property, { numRuns: 30 });
  });

  it("count only where they may stand", () => {
    const atStart = (start: number): boolean => start === 0;
    expect(findParts("abab", ["ab", "b"], atStart)).toEqual(new Set(["ab"]));
    const parts = ["b", "ab", "a".repeat(10_000)];
    expect(findParts(FILLER, parts, atStart)).toEqual(new Set(["ab"]));
  });
});
