import { type FailureData, StoreFailure } from "./store-failure.ts";

/** Primary result codes that mean something to whoever runs the store. */
const NAMES: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

/** The code of an error of either driver or of the file system; never its message. */
export function codeOf(error: unknown): string {
  const { errcode, code, name } = (error ?? {}) as Partial<Record<string, unknown>>;
  if (typeof errcode === "number") {
    return NAMES[errcode & 0xff] ?? `SQLITE_ERROR ${errcode}`;
  }
  if (typeof code === "string") {
    // better-sqlite3 tells extended codes by name: SQLITE_BUSY_RECOVERY.
    return Object.values(NAMES).find((known) => code.startsWith(known)) ?? code;
  }
  return typeof name === "string" ? name : "unknown";
}

/** Whether another process has the lock: asking again helps. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === "SQLITE_BUSY" || code === "SQLITE_LOCKED";
}

/** Says in the user's words what went wrong with the file, and what to do. */
export function toFailure(error: unknown, path: string): FailureData {
  if (error instanceof StoreFailure) return error.data;
  const code = codeOf(error);
  return { code, ...(explain(code, path) ?? unexplained(code, path)) };
}

function unexplained(code: string, path: string): Omit<FailureData, "code"> {
  return {
    kind: "unavailable",
    message: `The store ${path} failed (${code}); it was not changed.`,
  };
}

function explain(code: string, path: string): Omit<FailureData, "code"> | undefined {
  switch (code) {
    case "SQLITE_BUSY":
    case "SQLITE_LOCKED":
      return {
        kind: "unavailable",
        message: `The store ${path} is busy (${code}): other processes kept it locked. End what holds it open for long, a backup or an SQL shell, and try again.`,
      };
    case "SQLITE_FULL":
    case "ENOSPC":
    case "EDQUOT":
      return {
        kind: "unavailable",
        message: `No room on the disk of the store ${path} (${code}); nothing of this was written. Make room: what was written before is intact.`,
      };
    case "SQLITE_CORRUPT":
    case "SQLITE_NOTADB":
      return {
        kind: "unavailable",
        message: `The store ${path} is damaged, or no database (${code}). It was left as it is. Stop all processes that use it, keep it (move it aside with its -wal and -shm files), and put a backup in its place; without one the store begins anew, with nothing spent and no kill in force. Or set onCorrupt: "set-aside", which does that and begins killed.`,
      };
    case "SQLITE_READONLY":
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return {
        kind: "config",
        message: `The store ${path} cannot be written (${code}). Let this user write the file and its folder, or choose another path.`,
      };
    case "SQLITE_CANTOPEN":
    case "ENOTDIR":
    case "EISDIR":
    case "EEXIST":
    case "ENOENT":
    case "ENAMETOOLONG":
    case "ELOOP":
      return {
        kind: "config",
        message: `The store ${path} cannot be opened (${code}). The path must name a file in a folder that this user can write.`,
      };
    default:
      return undefined;
  }
}
