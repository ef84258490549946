import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const given = new URL(import.meta.url).searchParams;
const order = given.get("order") ?? "";
const step = given.get("step");

/** Statements that may still be carried out, once a file orders the death. */
let left: number | undefined;

function maybeDie(when: "before" | "after", sql: string): void {
  if (left === undefined) {
    if (!existsSync(order)) return;
    left = Number(readFileSync(order, "utf8"));
  }
  if (step === `${when} it begins`) left = sql.startsWith("BEGIN") ? 0 : left;
  else if (step === `${when} it commits`) left = sql.startsWith("COMMIT") ? 0 : left;
  else if (when === "before" && !step?.includes("it ")) left--;
  if (left <= 0) die();
}

/** Ends the thread in the middle of its work, or the process as a power cut would. */
function die(): void {
  rmSync(order);
  writeFileSync(`${order}.done`, "");
  if (step === "when its process is killed") process.kill(process.pid, "SIGKILL");
  process.exit(1);
}

function watched<G extends unknown[], R>(sql: string, method: (...given: G) => R) {
  return (...values: G): R => {
    maybeDie("before", sql);
    const result = method(...values);
    maybeDie("after", sql);
    return result;
  };
}

/** SQLite in a process that dies at a step of a transaction. */
class DyingDatabase extends DatabaseSync {
  override exec(sql: string): void {
    watched(sql, (text: string) => super.exec(text))(sql);
  }

  override prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    const statement = super.prepare(sql);
    for (const name of ["run", "get", "all"] as const) {
      const method = statement[name].bind(statement) as (...values: unknown[]) => unknown;
      Object.assign(statement, { [name]: watched(sql, method) });
    }
    return statement;
  }
}

// biome-ignore lint/style/noDefaultExport: a driver is the default export of its module
export default DyingDatabase;
