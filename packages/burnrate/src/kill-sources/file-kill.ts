import { createHash } from "node:crypto";
import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { resolve } from "node:path";
import type { KillSource, SourcedKill } from "@burnrate/core";
import { readKill } from "./read-kill.ts";

/** How often the file is looked at: a kill must bind within a second. */
const LOOK_EVERY_MS = 250;
/** No kill is longer; the rest of a huge file is not read into messages. */
const MAX_LENGTH = 10_000;

type Look = () => void;

/** Who watches which file: one look at the disk for all guards of a process. */
const watchers = new Map<string, Set<Look>>();

/**
 * While a file exists, its kill is in force: `touch .burnrate/kill` stops every process that watches
 * it, though store and network are down, and removing it lets them go on. Its text may say more (see
 * `readKill`). A file that cannot be read stops everything.
 */
export function fileKill(path: string): KillSource {
  return {
    name: `file ${path}`,
    watch(onKills) {
      const look = (): void => onKills(readFile(path));
      look();
      return watchPath(resolve(path), look);
    },
  };
}

/** Looks at the path itself, so that neither the file nor its folder need exist. */
function watchPath(path: string, look: Look): () => void {
  const known = watchers.get(path);
  const looks = known ?? new Set<Look>();
  looks.add(look);
  if (known === undefined) {
    watchers.set(path, looks);
    watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, (now, before) => {
      if (now.mtimeMs === before.mtimeMs && now.ino === before.ino) return;
      for (const each of looks) each();
    });
  }
  return () => {
    looks.delete(look);
    if (looks.size > 0) return;
    watchers.delete(path);
    unwatchFile(path);
  };
}

function readFile(path: string): readonly SourcedKill[] {
  try {
    const text = readFileSync(path, "utf8").slice(0, MAX_LENGTH);
    const id = createHash("sha256").update(text).digest("base64url").slice(0, 12);
    return [readKill(text, path, id)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    const reason = `it exists and cannot be read (${code}), which stops everything`;
    return [{ id: "unreadable", target: "everything", level: "abort", reason, by: path }];
  }
}
