import { project } from "@burnrate/tooling/vitest";

export default project("otel", { module: false });
