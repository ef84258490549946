import { readFileSync } from "node:fs";
import * as core from "@burnrate/core";
import * as pricing from "@burnrate/pricing";
import { expect, it } from "vitest";
import * as burnrate from "./index.ts";

it("everything that core and pricing export is here too, so that one import is enough", () => {
  const { createGuard: _, ...same } = core;
  expect(burnrate).toMatchObject({ ...same, ...pricing });
});

it("so are all types", () => {
  const source = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const namesIn = (text: string): string[] =>
    [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)]
      .flatMap(([, names = ""]) => names.split(","))
      .map((name) => name.trim().replace(/^type /, ""))
      .filter((name) => name !== "");
  const here = namesIn(source("./index.ts"));
  for (const path of ["../../core/src/index.ts", "../../pricing/src/index.ts"]) {
    expect(namesIn(source(path)).filter((name) => !here.includes(name))).toEqual([]);
  }
});

it("errors are the same classes, so that instanceof holds across the packages", async () => {
  const guard = burnrate.createGuard({ budgets: ["1 call/day"], store: "memory" });
  await guard.begin({ kind: "tool", name: "search" });
  const error: unknown = await guard.begin({ kind: "tool", name: "search" }).catch((e) => e);
  expect(error).toBeInstanceOf(burnrate.BudgetExceededError);
  expect(error).toBeInstanceOf(core.BudgetExceededError);
});
