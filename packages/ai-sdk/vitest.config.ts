import { project } from "@burnrate/tooling/vitest";
import { mergeConfig } from "vitest/config";

/** `ai` 5 and 6 import OpenTelemetry's API, whose modules for bundlers Node cannot load by itself. */
const inline = [/[/\\]ai@[56]\./, /@opentelemetry[+/\\]api/];

export default mergeConfig(project("ai-sdk", { isolate: false }), {
  test: { server: { deps: { inline } } },
});
