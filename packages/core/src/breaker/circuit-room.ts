import type { CircuitTable } from "./circuit-table.ts";

/** Circuits at a time, of models and of tools; names may be hostile input. */
const MAX_CIRCUITS = 2_048;
/** What calls of one organisation may add to them. */
const MAX_OF_ORG = 512;
/**
 * Where no circuit could make room it is tried again after so long: it is a look at all of them.
 */
const TRY_AGAIN_MS = 1_000;

/** Circuits of models, and of tools. */
interface Kinds {
  readonly model: CircuitTable;
  readonly tool: CircuitTable;
}

/** What an organisation has of them. */
interface Share {
  count: number;
  fullUntilMs: number;
}

/** Whether there is room for another circuit, and whose it is at the expense of. */
export class CircuitRoom {
  readonly #kinds: Kinds;
  readonly #ofOrg = new Map<string, Share>();
  readonly #fullUntilMs = { model: Number.NEGATIVE_INFINITY, tool: Number.NEGATIVE_INFINITY };

  constructor(kinds: Kinds) {
    this.#kinds = kinds;
  }

  /** Has one that is well make room where there is none. */
  isThereFor(kind: keyof Kinds, org: string | undefined, nowMs: number): boolean {
    if (org !== undefined && !this.#isThereOf(org, nowMs)) return false;
    const circuits = this.#kinds[kind];
    if (circuits.size < MAX_CIRCUITS) return true;
    if (nowMs < this.#fullUntilMs[kind]) return false;
    if (circuits.evict(nowMs)) return true;
    this.#fullUntilMs[kind] = nowMs + TRY_AGAIN_MS;
    return false;
  }

  came(org: string | undefined): void {
    if (org === undefined) return;
    const share = this.#ofOrg.get(org);
    if (share === undefined) {
      this.#ofOrg.set(org, { count: 1, fullUntilMs: Number.NEGATIVE_INFINITY });
    } else share.count++;
  }

  left(org: string | undefined): void {
    const share = org === undefined ? undefined : this.#ofOrg.get(org);
    if (org === undefined || share === undefined) return;
    share.count--;
    if (share.count === 0) this.#ofOrg.delete(org);
  }

  /** An organisation with all that it may have makes room itself: others lose nothing to it. */
  #isThereOf(org: string, nowMs: number): boolean {
    const share = this.#ofOrg.get(org);
    if (share === undefined || share.count < MAX_OF_ORG) return true;
    if (nowMs < share.fullUntilMs) return false;
    if (this.#kinds.model.evict(nowMs, org) || this.#kinds.tool.evict(nowMs, org)) return true;
    share.fullUntilMs = nowMs + TRY_AGAIN_MS;
    return false;
  }
}
