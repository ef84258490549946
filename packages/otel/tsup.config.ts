import { library } from "@burnrate/tooling/tsup";
import { defineConfig } from "tsup";

export default defineConfig({ ...library, entry: ["src/index.ts"] });
