import { describe } from "vitest";
import { contractFor } from "./testing/contract.ts";
import { INSTALLED } from "./testing/langchain-copy.ts";

describe("LangChain as installed", () => contractFor(INSTALLED));
