import { measureAiSdk } from "./ai-sdk.ts";
import { measureCore } from "./core.ts";
import { type Measured, writeResults } from "./measure.ts";

const suites: readonly (readonly [string, () => Promise<Measured[]>])[] = [
  ["core", measureCore],
  ["ai-sdk", measureAiSdk],
];
for (const [name, run] of suites) {
  const results = await run();
  for (const { name: what, median, unit } of results) {
    console.log(`${what.padEnd(52)} ${median.toFixed(2).padStart(16)} ${unit}`);
  }
  writeResults(name, results);
}
