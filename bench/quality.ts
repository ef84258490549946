import { existsSync } from "node:fs";
import { join } from "node:path";
import { isGuardError } from "burnrate";
import { DataError, dataFolder, isFolder, type Part } from "./quality-data.ts";
import { groundedness } from "./quality-groundedness.ts";
import { injection } from "./quality-injection.ts";
import { pii } from "./quality-pii.ts";
import { toolCalls } from "./quality-tool-calls.ts";

/**
 * Prints how well rules find what they look for on public data, each set alone: `--data DIR` names
 * a folder with these parts. No threshold is reported on the texts that it was fitted on.
 */
const PARTS: Readonly<Record<string, Part>> = {
  groundedness,
  "tool-calls": toolCalls,
  pii,
  "mcp-descriptions": injection,
};

try {
  const data = dataFolder(process.argv, Object.keys(PARTS));
  if (data === undefined) console.log("skipped: no data (--data DIR)");
  else await measureAll(data);
} catch (error) {
  if (!(error instanceof DataError || isGuardError(error))) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

async function measureAll(folder: string): Promise<void> {
  for (const [name, { files, measure }] of Object.entries(PARTS)) {
    const path = join(folder, name);
    const missing = files.filter((file) => !existsSync(join(path, file)));
    if (isFolder(path) && missing.length === 0) await measure(path);
    else console.log(`\n${name}: skipped: no data${missing.map((file) => `, ${file}`).join("")}`);
  }
}
