import { project } from "@burnrate/tooling/vitest";

export default project("core", { isolate: false });
