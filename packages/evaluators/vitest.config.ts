import { defineProject } from "vitest/config";

/** As every package's, but for `module`: those builds of OpenTelemetry are for bundlers, not Node. */
const conditions = ["@burnrate/source", "node", "development|production"];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { name: "evaluators", include: ["src/**/*.test.ts"] },
});
