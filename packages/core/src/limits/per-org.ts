import { type Evictable, SecondChanceMap } from "../bounded/second-chance-map.ts";

/** Most orgs at a time. */
const MAX_ORGS = 10_000;
/** Shortest time between two searches for room. */
const SEARCH_EVERY_MS = 1_000;

/** Something for each org, so that one tenant's flood takes no room from another. */
export class PerOrg<T extends Evictable> {
  readonly #all: SecondChanceMap<string, T>;
  readonly #create: () => T;
  #lastOrg: string | undefined;
  #last: T | undefined;
  #nowMs = 0;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /** `mayGo` says which make room when there are too many; `onLeave` hears of those that did. */
  constructor(
    create: () => T,
    mayGo: (value: T, nowMs: number) => boolean,
    onLeave?: (value: T, nowMs: number) => void,
  ) {
    this.#create = create;
    this.#all = new SecondChanceMap(
      MAX_ORGS,
      (value) => mayGo(value, this.#nowMs),
      (value) => onLeave?.(value, this.#nowMs),
    );
  }

  find(org: string): T | undefined {
    if (org === this.#lastOrg) return this.#last;
    const found = this.#all.get(org);
    if (found !== undefined) {
      this.#lastOrg = org;
      this.#last = found;
    }
    return found;
  }

  /** Undefined when there is no room for another org. */
  open(org: string, nowMs: number): T | undefined {
    const found = this.find(org);
    if (found !== undefined) return found;
    if (nowMs - this.#fullAtMs < SEARCH_EVERY_MS) return undefined;
    this.#nowMs = nowMs;
    this.#lastOrg = undefined; // it may be the one that goes
    const created = this.#create();
    if (this.#all.add(org, created)) return created;
    this.#fullAtMs = nowMs;
    return undefined;
  }

  /**
   * Where the calls of a task may be. Of one without an org a host that tells no more than its end
   * leaves open which it set inside: any.
   */
  ofTask(org: string | undefined): Iterable<T> {
    if (org === undefined) return this.values();
    const found = this.find(org);
    return found === undefined ? [] : [found];
  }

  values(): IterableIterator<T> {
    return this.#all.values();
  }
}
