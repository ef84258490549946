import { beforeEach, describe, expect, it, vi } from "vitest";
import type { GuardOptions } from "../index.ts";
import { SlowDatabase } from "../testing/store-contract/slow-store.ts";

/** What guards warn of in a process that starts anew. */
async function warningsOf(...options: readonly GuardOptions[]): Promise<readonly string[]> {
  const { createGuard } = await import("../index.ts");
  const topics: string[] = [];
  for (const given of options) {
    createGuard(given).on("warning", ({ topic }) => topics.push(topic));
    await Promise.resolve();
  }
  return topics;
}

beforeEach(() => void vi.resetModules());

describe("a budget that is kept in memory", () => {
  it.each(["$5/day", "$5/week", "$5/month"])(
    "(%s) is warned of, by each guard to those who listen",
    async (budget) => {
      const options = { budgets: [budget, "$9/month"] };
      expect(await warningsOf(options, options)).toEqual(["volatile-store", "volatile-store"]);
    },
  );

  it("is printed once in a process when nobody listens", async () => {
    const printed = vi.spyOn(process, "emitWarning").mockReturnValue();
    const { createGuard } = await import("../index.ts");
    for (const budgets of [["$5/day"], ["$5/week"]]) {
      createGuard({ budgets });
      await Promise.resolve();
    }
    expect(printed).toHaveBeenCalledTimes(1);
    expect(await warningsOf({ budgets: ["$5/day"] })).toEqual(["volatile-store"]);
    printed.mockRestore();
  });

  it.each(["$5/hour", "$5/task", "$5/session", "$5"])("(%s) needs no warning", async (budget) => {
    expect(await warningsOf({ budgets: [budget] })).toEqual([]);
  });

  it("needs none on a durable store", async () => {
    const store = new SlowDatabase().connect();
    expect(await warningsOf({ budgets: ["$5/day"], store })).toEqual([]);
  });
});
