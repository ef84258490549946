import { defineConfig } from "vitest/config";
import { SlowestFirst } from "./tooling/slowest-first.ts";

export default defineConfig({
  ssr: { resolve: { conditions: ["@burnrate/source", "node", "module", "import", "default"] } },
  test: {
    projects: ["packages/*", "examples/ai-sdk-chat", "examples/evaluators", "examples/otel"],
    sequence: { sequencer: SlowestFirst },
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      exclude: ["**/*.test*.ts"],
      reporter: ["text"],
    },
  },
});
