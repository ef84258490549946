import { createIds } from "../ports/ids.ts";
import type { Store } from "../ports/store.ts";
import type { Ledger } from "./ledger.ts";

/** Where a store keeps its name. */
const KEY = "burnrate:store";
const ids = createIds();
const known = new WeakMap<Ledger, string>();
const unnamed = new WeakMap<Ledger, string>();

/**
 * Names a store: whoever opens the same file, namespace or schema reads the same name, so that one
 * balance is told from another. Written once, by the first who asks. A store that keeps no state, or
 * does not answer now, is told apart within this process alone. Never rejects.
 */
export async function storeIdentity({
  ledger,
  state,
}: Pick<Store, "ledger" | "state">): Promise<string> {
  const name = known.get(ledger);
  if (name !== undefined) return name;
  try {
    const kept = (await state?.read(KEY))?.value ?? (await write(state));
    if (kept === undefined) return ownName(ledger);
    known.set(ledger, kept);
    return kept;
  } catch {
    return ownName(ledger);
  }
}

/** Whoever is slower takes the name that the faster one gave. */
async function write(state: Store["state"]): Promise<string | undefined> {
  const name = ids.next();
  const written = await state?.write(KEY, name, 0);
  return written === undefined ? (await state?.read(KEY))?.value : name;
}

function ownName(ledger: Ledger): string {
  const name = unnamed.get(ledger) ?? ids.next();
  unnamed.set(ledger, name);
  return name;
}
