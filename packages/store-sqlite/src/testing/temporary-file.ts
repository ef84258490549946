import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** Of one test file; said here, because a test that runs can arrange nothing for its file's end. */
const root = mkdtempSync(join(tmpdir(), "burnrate-sqlite-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A path in a folder of its own, which goes with the test file. */
export function temporaryFile(name = "state.db"): string {
  return join(mkdtempSync(join(root, "file-")), name);
}
