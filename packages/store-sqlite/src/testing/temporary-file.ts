import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A path in a folder of its own, which goes with the test file. */
export function temporaryFile(name = "state.db"): string {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-sqlite-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
