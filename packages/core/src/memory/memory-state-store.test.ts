import { expect, it, test } from "vitest";
import { StoreUnavailableError } from "../errors/store-unavailable-error.ts";
import { stateContract } from "../testing/store-contract/state-contract.ts";
import { createMemoryStateStore } from "./memory-state-store.ts";

stateContract({ test, create: () => createMemoryStateStore() });

it("refuses a new key when it is full, and loses none that it has", async () => {
  const state = createMemoryStateStore(2);
  await state.write("a", "1", 0);
  await state.write("b", "1", 0);
  expect(() => state.write("c", "1", 0)).toThrow(StoreUnavailableError);
  expect(state.write("a", "2", 1)).toBe(2);
  expect(state.remove("b", 1)).toBe(true);
  expect(state.write("c", "1", 0)).toBe(1);
  expect(state.keys("")).toEqual(["a", "c"]);
});
