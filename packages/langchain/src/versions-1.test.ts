import * as later from "@burnrate/langchain-core-1-2";
import * as oldest from "@burnrate/langchain-core-1-oldest";
import { describe, expect, test } from "vitest";
import { contractFor } from "./testing/contract.ts";
import { INSTALLED } from "./testing/langchain-copy.ts";

// The newest is installed: adapter-contract.test.ts.
describe("@langchain/core 1.0.1", () => contractFor(oldest as never));
describe("@langchain/core 1.2.13", () => contractFor(later as never));

test("are other copies than the installed one", () => {
  const copies = [oldest, later, INSTALLED].map(({ CallbackManager }) => CallbackManager);
  expect(new Set<unknown>(copies).size).toBe(3);
});
