import { library } from "@burnrate/tooling/tsup";
import { defineConfig } from "tsup";

/** The worker is a file of its own: the thread of the database starts from it. */
export default defineConfig({ ...library, entry: ["src/index.ts", "src/worker.ts"] });
