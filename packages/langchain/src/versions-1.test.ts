import * as newest from "@burnrate/langchain-core-1-newest";
import * as oldest from "@burnrate/langchain-core-1-oldest";
import { describe, expect, test } from "vitest";
import { contractFor } from "./testing/contract.ts";
import { INSTALLED } from "./testing/langchain-copy.ts";

describe("@langchain/core 1.0.1", () => contractFor(oldest as never));
describe("@langchain/core 1.4.0", () => contractFor(newest as never));

test("are other copies than the installed one", () => {
  const copies = [oldest, newest, INSTALLED].map(({ CallbackManager }) => CallbackManager);
  expect(new Set<unknown>(copies).size).toBe(3);
});
