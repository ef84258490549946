import { project } from "@burnrate/tooling/vitest";

export default project("store-sqlite", { waits: true });
