import { project } from "@burnrate/tooling/vitest";

export default project("example-evaluators", { include: "*.test.ts", module: false });
