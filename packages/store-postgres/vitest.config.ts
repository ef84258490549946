import { project } from "@burnrate/tooling/vitest";

export default project("store-postgres", { waits: true });
