import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { guardProvider, guardTools } from "@burnrate/ai-sdk";
import { tool } from "ai";
import { z } from "zod";
import { guard } from "./guard.ts";

const openai = guardProvider(
  createOpenAICompatible({
    name: "openai",
    baseURL: process.env["OPENAI_BASE_URL"] ?? "https://api.openai.com/v1",
    apiKey: process.env["OPENAI_API_KEY"] ?? "none",
    includeUsage: true,
  }),
  guard,
);

export const model = openai("gpt-5-mini");

export const tools = guardTools(
  {
    weather: tool({
      description: "The weather in a city",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `It rains in ${city}.`,
    }),
  },
  guard,
  { costs: { weather: 0.0005 } },
);
