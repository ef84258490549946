import { project } from "@burnrate/tooling/vitest";

export default project("example-ai-sdk-chat", { include: "*.test.ts", module: false });
