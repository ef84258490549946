import type { CallProgress } from "./permit.ts";

/** A stream that reports nonsense, or throws when it is asked, has reported nothing. */
export function outputOf(progress: CallProgress): unknown {
  try {
    return progress?.outputTokens;
  } catch {
    return undefined;
  }
}
