import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@burnrate/source", "node", "module", "import", "default"] } },
  test: {
    projects: ["packages/*", "examples/evaluators", "examples/otel"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      exclude: ["**/*.test*.ts"],
      reporter: ["text"],
    },
  },
});
