import { createIds } from "../ports/ids.ts";
import { isPromise, type MaybePromise } from "../ports/maybe-promise.ts";
import type { StateStore } from "../ports/state-store.ts";
import type { Store } from "../ports/store.ts";
import type { Ledger } from "./ledger.ts";

/** Where a store keeps its name. */
const KEY = "burnrate:store";
const ids = createIds();
const names = new WeakMap<Ledger, string>();
const ownNames = new WeakMap<Ledger, string>();

/**
 * Names a store: whoever opens the same file, namespace or schema reads the same name, so that one
 * balance is told from another. Written once, by the first who asks. A store that keeps no state,
 * or does not answer now, is told apart within this process alone. Never fails.
 */
export function storeIdentity({
  ledger,
  state,
}: Pick<Store, "ledger" | "state">): MaybePromise<string> {
  const known = names.get(ledger);
  if (known !== undefined) return known;
  const learn = (name: string | undefined): string => {
    if (name === undefined) return ownName(ledger);
    names.set(ledger, name);
    return name;
  };
  try {
    const name = state && keptName(state);
    return isPromise(name) ? name.then(learn, () => ownName(ledger)) : learn(name);
  } catch {
    return ownName(ledger);
  }
}

/**
 * The name that a store keeps, for what must not be told to another one.
 * @throws {Error} What the store throws; `TypeError` where it keeps no name.
 */
export async function storeName({ state }: Pick<Store, "state">): Promise<string> {
  const name = state && (await keptName(state));
  if (name === undefined) throw new TypeError("this store keeps no name");
  return name;
}

/** What is kept, or what we write; whoever is slower takes the name that the faster one gave. */
function keptName(state: StateStore): MaybePromise<string | undefined> {
  return after(state.read(KEY), (entry) => {
    if (entry !== undefined) return entry.value;
    const name = ids.next();
    return after(state.write(KEY, name, 0), (written) =>
      written === undefined ? after(state.read(KEY), (other) => other?.value) : name,
    );
  });
}

/** In memory nothing waits for a turn of the event loop. */
function after<T, R>(
  answer: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return isPromise(answer) ? answer.then(next) : next(answer);
}

function ownName(ledger: Ledger): string {
  const name = ownNames.get(ledger) ?? ids.next();
  ownNames.set(ledger, name);
  return name;
}
