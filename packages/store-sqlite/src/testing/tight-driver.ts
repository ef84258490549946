import { DatabaseSync } from "node:sqlite";

const pages = Number(new URL(import.meta.url).searchParams.get("pages"));

/** SQLite on a disk that has room for so many pages of the file. */
class TightDatabase extends DatabaseSync {
  constructor(path: string) {
    super(path);
    this.exec(`PRAGMA max_page_count = ${pages}`);
  }
}

// biome-ignore lint/style/noDefaultExport: a driver is the default export of its module
export default TightDatabase;
