import { project } from "@burnrate/tooling/vitest";

export default project("slo", { isolate: false });
