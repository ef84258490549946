import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the summary says where no disk can be made. */
export const NO_DISK = "skipped: no right to mount a small disk";

/** A disk of its own with room for 2 MB. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills it to the last byte; the function makes room again. */
  fill(): () => void;
  remove(): void;
}

/** Mounts a disk in memory; undefined where this user may not, or the system has none. */
export function mountSmallDisk(): SmallDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "burnrate-disk-"));
  const options = ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder];
  if (spawnSync("mount", options).status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    fill: () => fill(join(folder, "filler")),
    remove() {
      spawnSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Files of half the size each time that no more fit. */
function fill(name: string): () => void {
  const files: string[] = [];
  for (let bytes = 65_536; bytes >= 1; bytes >>= 1) {
    while (fits(`${name}-${files.length}`, bytes)) files.push(`${name}-${files.length}`);
  }
  return () => {
    for (const file of files) rmSync(file);
  };
}

function fits(file: string, bytes: number): boolean {
  try {
    writeFileSync(file, Buffer.alloc(bytes));
    return true;
  } catch {
    rmSync(file, { force: true });
    return false;
  }
}
