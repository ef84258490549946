import { describe, expect, it } from "vitest";
import { numbersIn } from "./numbers.ts";

const keys = (text: string): string[] => numbersIn(text).map(({ key }) => key);

describe("numbers of a text", () => {
  it.each([
    ["1,234.50 and 1234.5", ["1234.5", "1234.5"]],
    ["1.234,50 in Germany", ["1234.5"]],
    ["1,234,567", ["1234567"]],
    ["3.14 and 3,14", ["3.14", "3.14"]],
    ["2 million, 2m, 2bn, 1.5k", ["2000000", "2000000", "2000000000", "1500"]],
    ["2 men by 3 monkeys", ["2", "3"]],
    ["twenty men, THREE dogs, one ox, tent, sevenfold", ["20", "3"]],
    ["007 and 0.50", ["7", "0.5"]],
    ["a 47th, a v2, an A4", ["47"]],
    ["ends with 5.", ["5"]],
    ["$5-$7, 9%", ["5", "7", "9"]],
    ["1/2", ["1", "2"]],
    ["no number", []],
  ])("%s", (text, expected) => {
    expect(keys(text)).toEqual(expected);
  });

  it.each(["March 2, 1991", "Mar. 2", "2 March", "2nd of march", "on 02 Mar 1991", "1991-03-02"])(
    "%s is the second of March",
    (text) => {
      expect(keys(text)).toContain("mar 2");
    },
  );

  it("says where each of them stands", () => {
    const text = "It was March 2, 1991.";
    const shown = numbersIn(text).map(
      ({ kind, start, end }) => `${kind}: ${text.slice(start, end)}`,
    );
    expect(shown).toEqual(["date: March 2", "number: 2", "number: 1991"]);
  });
});
