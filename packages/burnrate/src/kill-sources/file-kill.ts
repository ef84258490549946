import { createHash } from "node:crypto";
import { readFileSync, type Stats, stat, statSync } from "node:fs";
import { resolve } from "node:path";
import type { KillSource, SourcedKill } from "@burnrate/core";
import { readKill } from "./read-kill.ts";

/** How often the file is looked at: a kill must bind within a second. */
const LOOK_EVERY_MS = 250;
/** No kill is longer; the rest of a huge file is not read into messages. */
const MAX_LENGTH = 10_000;

type Look = () => void;

/** One look at the disk for all guards of a process. */
interface Watcher {
  readonly looks: Set<Look>;
  readonly timer: NodeJS.Timeout;
}

/** Who watches which file. */
const watchers = new Map<string, Watcher>();

/**
 * While a file exists, its kill is in force: `touch .burnrate/kill` stops every process that
 * watches it, though store and network are down, and removing it lets them go on. Its text may say
 * more (see `readKill`). A file that cannot be read stops everything.
 */
export function fileKill(path: string, folder: string = process.cwd()): KillSource {
  const place = resolve(folder, path); // found now: the process may go to another folder later
  return {
    name: `file ${path}`,
    watch(onKills) {
      const look = (): void => onKills(readFile(path, place));
      // Watched before it is read: what is written in between is seen at the next look.
      const stop = watchPath(place, look);
      look();
      return stop;
    },
  };
}

/**
 * Looks at the path itself, so that neither the file nor its folder need exist. Not with
 * `watchFile`, which takes what it finds at its first look, some time later, for what was there
 * before.
 */
function watchPath(path: string, look: Look): () => void {
  const known = watchers.get(path);
  const watcher = known ?? startWatching(path);
  watcher.looks.add(look);
  if (known === undefined) watchers.set(path, watcher);
  return () => {
    watcher.looks.delete(look);
    if (watcher.looks.size > 0) return;
    watchers.delete(path);
    clearInterval(watcher.timer);
  };
}

function startWatching(path: string): Watcher {
  const looks = new Set<Look>();
  let seen = stampNow(path);
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    stat(path, (error, stats) => {
      isLooking = false;
      const now = error === null ? stampOf(stats) : String(error.code);
      if (now === seen) return;
      seen = now;
      for (const each of looks) each();
    });
  }, LOOK_EVERY_MS);
  timer.unref();
  return { looks, timer };
}

function stampNow(path: string): string {
  try {
    return stampOf(statSync(path));
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function stampOf({ mtimeMs, ino, size }: Stats): string {
  return `${mtimeMs} ${ino} ${size}`;
}

function readFile(path: string, place: string): readonly SourcedKill[] {
  try {
    // A pipe would keep whoever reads it waiting, a device has no end.
    if (!statSync(place).isFile()) return [unreadable(path, "no file")];
    const text = readFileSync(place, "utf8").slice(0, MAX_LENGTH);
    const id = createHash("sha256").update(text).digest("base64url").slice(0, 12);
    return [readKill(text, path, id)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    return [unreadable(path, String(code))];
  }
}

function unreadable(path: string, why: string): SourcedKill {
  const reason = `it exists and cannot be read (${why}), which stops everything`;
  return { id: "unreadable", target: "everything", level: "abort", reason, by: path };
}
