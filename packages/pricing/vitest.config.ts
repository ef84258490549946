import { project } from "@burnrate/tooling/vitest";

export default project("pricing", { isolate: false });
