import { expect, it } from "vitest";
import { groundednessLexical } from "../index.ts";

const rows = (region: string): string =>
  Array.from(
    { length: 60 },
    (_, at) => `| Region ${region} | revenue in million euro | ${100 + at} |`,
  ).join("\n");

it("supports a table that is copied, however often its words come again", () => {
  const table = rows("north");
  const { score, reason } = groundednessLexical().evaluate({ output: table, context: table });
  expect(score).toBeGreaterThan(0.99);
  expect(reason).toBe("not in the context: nothing");
});

it("supports no words that the context has not, however often they come again", () => {
  const given = { output: "made up all of it, ".repeat(60), context: rows("north") };
  expect(groundednessLexical().evaluate(given).score).toBeLessThan(0.05);
});
