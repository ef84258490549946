import { statSync } from "node:fs";

/** Which file a path names at this moment, whatever its name was or will be; undefined: none. */
export function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
