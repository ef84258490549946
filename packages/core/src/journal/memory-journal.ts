import type { Journal, LeftPart } from "./journal.ts";

/** A journal that tests can look into, with the processes of which they say that they are gone. */
export class MemoryJournal implements Journal {
  /** The lines of each part. */
  readonly parts: Map<string, string> = new Map();
  /** Names of parts whose process is gone. */
  readonly gone: Set<string> = new Set();
  /** What fails from now on. */
  failing: readonly ("append" | "replace" | "discard")[] = [];
  /** How often each was touched. */
  readonly touched: Map<string, number> = new Map();
  #count = 0;
  readonly #stores = new Map<string, string>();

  open(store: string): ReturnType<Journal["open"]> {
    const name = `part ${++this.#count}`;
    this.parts.set(name, "");
    this.#stores.set(name, store);
    const fail = (what: "append" | "replace" | "discard"): void => {
      if (this.failing.includes(what)) throw new Error(`${what}: no space left on device`);
    };
    return {
      append: (lines) => {
        fail("append");
        this.parts.set(name, this.parts.get(name) + lines);
      },
      replace: (lines) => {
        fail("replace");
        this.parts.set(name, lines);
      },
      touch: () => {
        if (!this.parts.has(name)) throw new Error("it was removed");
        this.touched.set(name, (this.touched.get(name) ?? 0) + 1);
      },
      discard: () => {
        fail("discard");
        this.parts.delete(name);
      },
      leave: () => {},
    };
  }

  async left(store: string): Promise<readonly LeftPart[]> {
    const names = [...this.parts.keys()].filter((name) => this.#stores.get(name) === store);
    return names.map((name) => ({
      name,
      stamp: `${this.parts.get(name)?.length} ${this.touched.get(name)}`,
      isGone: this.gone.has(name),
      read: async () => this.parts.get(name) ?? "",
      remove: async () => void this.parts.delete(name),
    }));
  }

  /** All of its processes have crashed. */
  crash(): void {
    for (const name of this.parts.keys()) this.gone.add(name);
  }
}
