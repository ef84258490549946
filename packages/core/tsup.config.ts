import { library } from "@burnrate/tooling/tsup";
import { defineConfig } from "tsup";

export default defineConfig({
  ...library,
  entry: {
    index: "src/index.ts",
    testing: "src/testing.ts",
    adapter: "src/adapter.ts",
    // A process of its own, started by its path.
    "process-worker": "src/testing/process-contract/process-worker.ts",
  },
});
