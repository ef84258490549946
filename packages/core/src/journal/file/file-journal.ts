import { randomBytes } from "node:crypto";
import { mkdirSync, type Stats } from "node:fs";
import { lstat, open, readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { checkString } from "../../config/check-object.ts";
import { systemClock } from "../../ports/clock.ts";
import type { Journal, LeftPart } from "../journal.ts";
import { FilePart, TEMPORARY } from "./file-part.ts";
import { formatHeader, type Header, isUsable, MAX_HEADER_BYTES, parseHeader } from "./header.ts";
import { isGone, markOfThis } from "./process-mark.ts";

const DEFAULT_FOLDER = ".burnrate/journal";
const SUFFIX = ".journal";
const LONGEST_PATH = 4_096;
/** No store takes what is older. */
const KEPT_MS = 30 * 86_400_000;

/**
 * Keeps journals in a folder of this machine, one file for each guard (mode 0600; the folder, when
 * it is made, 0700). Give the same folder to the process that takes the place of one that crashed.
 * Not on a network file system.
 * @throws {ConfigError} `BR9001` when `folder` is no path.
 * @example
 * const guard = createGuard({ budgets: ["$5/day"], journal: fileJournal() });
 */
export function fileJournal(folder: string = DEFAULT_FOLDER): Journal {
  // Found now: the process may go to another folder later.
  const place = resolve(checkString("fileJournal.folder", folder, LONGEST_PATH));
  const own = markOfThis();
  const mine = new Set<string>();
  const headers = new Map<string, Header>();

  async function headerOf(name: string): Promise<Header | undefined> {
    const known = headers.get(name);
    if (known !== undefined) return known;
    const header = parseHeader(await readStart(join(place, name)));
    if (header !== undefined) headers.set(name, header);
    return header;
  }

  async function look(name: string, store: string): Promise<LeftPart | undefined> {
    const path = join(place, name);
    const found = await lstat(path);
    if (!found.isFile()) return undefined; // a pipe would be waited for without end
    if (systemClock.wallMs() - found.mtimeMs > KEPT_MS) return void (await remove(path));
    const header = await headerOf(name);
    if (header === undefined || !isUsable(header, store, own)) return undefined;
    const stamp = stampOf(found);
    return {
      name: path,
      stamp,
      isGone: isGone(header, own),
      read: () => readUnchanged(path, stamp),
      remove: () => remove(path),
    };
  }

  return {
    open(store) {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      const name = `${process.pid}-${randomBytes(6).toString("hex")}${SUFFIX}`;
      mine.add(name);
      return new FilePart(join(place, name), formatHeader(store, own), () => mine.delete(name));
    },
    async left(store) {
      const names = (await namesIn(place)).filter((name) => name.endsWith(SUFFIX));
      for (const name of headers.keys()) if (!names.includes(name)) headers.delete(name);
      const others = names.filter((name) => !mine.has(name));
      // One that goes away meanwhile is another's business.
      const parts = await Promise.all(
        others.map((name) => look(name, store).catch(() => undefined)),
      );
      return parts.filter((part) => part !== undefined);
    },
  };
}

async function namesIn(place: string): Promise<readonly string[]> {
  try {
    return await readdir(place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readStart(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The lines of a journal that is still as it was. One that changed meanwhile is of a guard that
 * lives, and one that is gone was told by somebody else: they say nothing.
 */
async function readUnchanged(path: string, stamp: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    return stampOf(await lstat(path)) === stamp ? text.slice(text.indexOf("\n") + 1) : "";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

function stampOf({ mtimeMs, size, ino }: Stats): string {
  return `${mtimeMs} ${size} ${ino}`;
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}${TEMPORARY}`, { force: true });
}
