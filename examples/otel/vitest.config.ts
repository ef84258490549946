import { project } from "@burnrate/tooling/vitest";

export default project("example-otel", { include: "*.test.ts", module: false });
