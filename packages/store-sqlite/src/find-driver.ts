import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "@burnrate/core";

/** The first major version of Node whose own SQLite is not experimental. */
const NODE_WITH_SQLITE = 24;

/**
 * Which module the thread of the database loads: a class cannot be handed to another thread, so the
 * application names it, and it is found as the application would find it.
 * @throws {ConfigError} `BR9001` when it is not installed.
 */
export function findDriver(driver: string | URL | undefined, nodeVersion: string): string {
  if (driver instanceof URL) return driver.href;
  const major = Number.parseInt(nodeVersion, 10);
  const name = driver ?? (major >= NODE_WITH_SQLITE ? "node:sqlite" : "better-sqlite3");
  if (name === "node:sqlite") return name;
  const found = [join(process.cwd(), "package.json"), import.meta.url]
    .map((from) => resolveFrom(from, name))
    .find((path) => path !== undefined);
  if (found !== undefined) return pathToFileURL(found).href;
  const why =
    driver === undefined ? `SQLite in Node ${nodeVersion} is experimental, and the` : "The";
  throw new ConfigError({
    message: `${why} module "${name}" is not installed. Install it (npm install ${name}), or run on Node ${NODE_WITH_SQLITE} or newer, which needs no driver.`,
    scope: "sqliteStore.driver",
    details: { driver: name },
  });
}

function resolveFrom(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
