import { defineProject } from "vitest/config";

const conditions = ["@burnrate/source", "module", "node", "development|production"];

export default defineProject({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { name: "bench", include: ["*.test.ts"] },
});
