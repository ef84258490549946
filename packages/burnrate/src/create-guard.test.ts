import { expect, it, vi } from "vitest";
import { createGuard, isGuardError } from "./index.ts";

it("prices a known model without being handed prices", async () => {
  const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
  const permit = await guard.begin({
    kind: "model",
    provider: "openai",
    name: "gpt-5-mini",
    estimate: { inputTokens: 1_000, maxOutputTokens: 1_000 },
  });
  permit.dispatched();
  const record = await permit.settle({ usage: { inputTokens: 1_000, outputTokens: 100 } });
  expect(record.costNanoUsd).toBe(1_000 * 250 + 100 * 2_000);
  expect(record.priceVersion).toBeTruthy();
});

it("refuses a model without a price while a money budget applies", async () => {
  const guard = createGuard({ budgets: ["$1/day"], store: "memory" });
  const refused = await guard
    .begin({ kind: "model", provider: "openai", name: "gpt-99-turbo" })
    .catch((error: unknown) => error);
  expect(isGuardError(refused) && refused.code).toBe("BR2002");
});

it("says once that memory forgets, and not when that was asked for", () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  createGuard({ store: "memory" });
  expect(warn).not.toHaveBeenCalled();
  createGuard();
  createGuard();
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});
