import { project } from "@burnrate/tooling/vitest";

export default project("mcp", { isolate: false });
