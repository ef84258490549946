import { expect, it } from "vitest";
import { createMemoryStore, type MemoryStoreOptions } from "../index.ts";

it.each<[string, unknown, RegExp]>([
  ["nothing, as null", null, /createMemoryStore must be an object/],
  ["a misspelt option", { cap: {} }, /Did you mean "caps"/],
  ["a misspelt cap", { caps: { org: 5 } }, /Did you mean "orgs"/],
  ["a cap that is no count", { caps: { orgs: Number.NaN } }, /caps\.orgs must be a whole number/],
  ["a clock that is none", { clock: {} }, /clock\.wallMs must be a function/],
])("a store in memory refuses %s", (_, options, message) => {
  expect(() => createMemoryStore(options as MemoryStoreOptions)).toThrow(message);
});
