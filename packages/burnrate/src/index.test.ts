import * as core from "@burnrate/core";
import * as pricing from "@burnrate/pricing";
import { expect, it } from "vitest";
import * as burnrate from "./index.ts";

it("everything that core and pricing export is here too, so that one import is enough", () => {
  const { createGuard: _, ...same } = core;
  expect(burnrate).toMatchObject({ ...same, ...pricing });
});

it("errors are the same classes, so that instanceof holds across the packages", async () => {
  const guard = burnrate.createGuard({ budgets: ["1 call/day"], store: "memory" });
  await guard.begin({ kind: "tool", name: "search" });
  const error: unknown = await guard.begin({ kind: "tool", name: "search" }).catch((e) => e);
  expect(error).toBeInstanceOf(burnrate.BudgetExceededError);
  expect(error).toBeInstanceOf(core.BudgetExceededError);
});
