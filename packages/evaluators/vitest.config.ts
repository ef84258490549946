import { project } from "@burnrate/tooling/vitest";

export default project("evaluators", { module: false, isolate: false });
