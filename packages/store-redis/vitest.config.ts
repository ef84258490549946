import { project } from "@burnrate/tooling/vitest";

export default project("store-redis", { waits: true });
