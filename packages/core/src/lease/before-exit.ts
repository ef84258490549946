/** What to do when nothing keeps the process alive any more. */
type Flush = () => void;

const flushes = new Set<Flush>();

function flushAll(): void {
  for (const flush of flushes) flush();
}

/**
 * Calls back when the process has nothing left to do, so that a short program that never closes its
 * guard gives its leases back. One listener on the process for all guards. Returns a function that
 * ends it. (An exit in mid-work, `process.exit` and signals give no such chance.)
 */
export function beforeExit(flush: Flush): () => void {
  if (flushes.size === 0) process.on("beforeExit", flushAll);
  flushes.add(flush);
  return () => {
    flushes.delete(flush);
    if (flushes.size === 0) process.removeListener("beforeExit", flushAll);
  };
}
