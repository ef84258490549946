import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardModel } from "@burnrate/ai-sdk";
import { guard } from "./guard.ts";

const openai = createOpenAICompatible({
  name: "openai",
  baseURL: "https://api.openai.com/v1",
  apiKey: process.env["OPENAI_API_KEY"] ?? "",
  includeUsage: true,
});

export const model = guardModel(openai("gpt-5-mini"), guard);
