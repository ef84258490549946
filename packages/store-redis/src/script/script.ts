import { createHash } from "node:crypto";

/** A Lua script and the name under which a server keeps it. */
export interface Script {
  readonly source: string;
  /** SHA-1 of the source, as EVALSHA wants it. */
  readonly sha: string;
}

/** Names a script by its content. */
export function defineScript(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
