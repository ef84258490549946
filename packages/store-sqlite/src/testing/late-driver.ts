import { existsSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const when = new URL(import.meta.url).searchParams.get("when");

/** SQLite whose file is replaced by another one, `<path>.next`, just before or after it is opened. */
class LateDatabase extends DatabaseSync {
  constructor(path: string) {
    if (when === "before") replace(path);
    super(path);
    if (when === "after") replace(path);
  }

  override exec(sql: string): void {
    if (when === "before it writes" && sql.startsWith("BEGIN")) replace(this.location() ?? "");
    super.exec(sql);
  }
}

function replace(path: string): void {
  if (existsSync(`${path}.next`)) renameSync(`${path}.next`, path);
}

// biome-ignore lint/style/noDefaultExport: a driver is the default export of its module
export default LateDatabase;
