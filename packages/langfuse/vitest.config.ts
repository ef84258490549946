import { project } from "@burnrate/tooling/vitest";

export default project("langfuse", { module: false });
