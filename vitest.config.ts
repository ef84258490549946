import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["@burnrate/source", "node", "module", "import", "default"] } },
  test: {
    maxWorkers: 2, // by default two cores run one: most of the time tests wait for servers
    projects: ["packages/*", "examples/evaluators", "examples/otel"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      exclude: ["**/*.test*.ts"],
      reporter: ["text"],
    },
  },
});
