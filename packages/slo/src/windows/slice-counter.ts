import { MAX_SKEW_MS } from "../objective/duration.ts";
import type { Method } from "../objective/method.ts";
import type { BucketCounts } from "./count-ring.ts";
import { addTo, type Counters, makeCounters } from "./counters.ts";

/** What a slice's share of bad events is counted in, so that sums stay whole numbers. */
export const RATIO_UNITS = 1_000_000;
/** Slices whose events are remembered, so that another process's late ones change the verdict. */
const KEPT = 512;
const NONE: readonly JudgedSlice[] = [];

type SliceMethod = Exclude<Method, { readonly kind: "occurrences" }>;

/**
 * What a slice that is over counts, in events or in millionths of one. After late events it is what
 * changes, and `bad` may be negative.
 */
export interface JudgedSlice {
  readonly endsAtMs: number;
  readonly bad: number;
  readonly total: number;
}

/**
 * What the state port keeps: the first slice that was not judged, and the events of the last ones.
 */
export interface SliceSnapshot {
  readonly open: number;
  /** The first slice of all whose silence counts. */
  readonly first?: number;
  readonly counts: readonly BucketCounts[];
}

/** Judges slices of time as they end, and again when events of one are told later. */
export class SliceCounter {
  readonly #method: SliceMethod;
  readonly #maxSlices: number;
  /** The first slice that is not judged; −1 before time began. */
  #open = -1;
  /** The first slice of all: silence before it was never judged. */
  #first = 0;
  /** Epoch ms that our clock says; `#open` may be further on, as others have it. */
  #atMs = 0;
  #bad: Counters = makeCounters(KEPT);
  #total: Counters = makeCounters(KEPT);

  constructor(method: SliceMethod, windowMs: number) {
    this.#method = method;
    this.#maxSlices = Math.ceil(windowMs / method.sliceMs);
  }

  /** Whether nothing was counted in the open slice yet, and it is bad if that stays so. */
  get isBadIfSilent(): boolean {
    return this.#method.noData === "bad" && this.#total[this.#open % KEPT] === 0;
  }

  /**
   * Judges the slices that are over; those of a window that is long gone are left out. With our
   * clock, when it was ahead and is set right, the open slice goes back.
   */
  advance(nowMs: number): readonly JudgedSlice[] {
    const { sliceMs } = this.#method;
    const now = Math.floor(nowMs / sliceMs);
    const isBack = nowMs < this.#atMs - MAX_SKEW_MS;
    if (isBack) this.#goBack(now);
    this.#atMs = isBack ? nowMs : Math.max(this.#atMs, nowMs);
    if (now <= this.#open) return NONE;
    const judged: JudgedSlice[] = [];
    if (this.#open >= 0) {
      this.#judgeInto(judged, this.#open);
      const isSilenceCounted = this.#method.noData !== "ignore";
      const first = Math.max(this.#open + 1, now - this.#maxSlices);
      for (let silent = first; isSilenceCounted && silent < now; silent++) {
        this.#forget(silent);
        this.#judgeInto(judged, silent);
      }
    }
    for (let next = Math.max(this.#open + 1, now - KEPT + 1); next <= now; next++) {
      this.#forget(next);
    }
    if (this.#open < 0) this.#first = now;
    this.#open = now;
    return judged;
  }

  /**
   * Counts events; what that changes when their slice was judged. Those beyond what is remembered,
   * or of our own clock when it was ahead, are judged alone. Call `advance` first.
   */
  add(atMs: number, bad: number, total: number): JudgedSlice | undefined {
    const slice = Math.floor(atMs / this.#method.sliceMs);
    const isKept = slice <= this.#open && slice > this.#open - KEPT;
    if (!isKept) return toJudged(this.#method, slice, bad, total);
    const before = slice < this.#open ? this.#judge(slice) : undefined;
    const slot = slice % KEPT;
    this.#bad = addTo(this.#bad, slot, bad);
    this.#total = addTo(this.#total, slot, total);
    if (slice === this.#open) return undefined;
    const after = this.#judge(slice);
    return (
      after && {
        ...after,
        bad: after.bad - (before?.bad ?? 0),
        total: after.total - (before?.total ?? 0),
      }
    );
  }

  snapshot(): SliceSnapshot {
    const counts: BucketCounts[] = [];
    for (let slice = Math.max(0, this.#open - KEPT + 1); slice <= this.#open; slice++) {
      const slot = slice % KEPT;
      const total = this.#total[slot] as number;
      if (total > 0) {
        counts.push([slice * this.#method.sliceMs, this.#bad[slot] as number, total]);
      }
    }
    return { open: this.#open, first: this.#first, counts };
  }

  /**
   * Takes what clocks like ours counted in place of what it holds; call `advance` next. Returns
   * what it leaves to clocks far from ours, of which nobody knows who is right: what they judged of
   * silence is not judged again, and theirs is not waited for.
   */
  restore(stored: readonly SliceSnapshot[], nowMs: number): SliceSnapshot | undefined {
    const now = Math.floor(nowMs / this.#method.sliceMs);
    const distance = ({ open }: SliceSnapshot): number => Math.abs(open - now);
    const nearest = stored.toSorted((one, other) => distance(one) - distance(other));
    const ours = nearest.find(({ open }) => open - now <= KEPT);
    this.#open = ours?.open ?? now;
    this.#first = ours === undefined ? now : (ours.first ?? 0);
    this.#bad.fill(0);
    this.#total.fill(0);
    for (const [atMs, bad, total] of ours?.counts ?? []) {
      const slice = Math.floor(atMs / this.#method.sliceMs);
      if (slice > this.#open || slice <= this.#open - KEPT) continue;
      this.#bad = addTo(this.#bad, slice % KEPT, bad);
      this.#total = addTo(this.#total, slice % KEPT, total);
    }
    return nearest.find((one) => one !== ours) ?? nearest.find(({ open }) => open < now - KEPT);
  }

  #goBack(now: number): void {
    const bad = this.#bad[this.#open % KEPT] as number;
    const total = this.#total[this.#open % KEPT] as number;
    this.#open = now;
    this.#first = Math.min(this.#first, now);
    this.#bad.fill(0);
    this.#total.fill(0);
    this.add(now * this.#method.sliceMs, bad, total);
  }

  #forget(slice: number): void {
    this.#bad[slice % KEPT] = 0;
    this.#total[slice % KEPT] = 0;
  }

  #judgeInto(judged: JudgedSlice[], slice: number): void {
    const one = this.#judge(slice);
    if (one !== undefined) judged.push(one);
  }

  #judge(slice: number): JudgedSlice | undefined {
    const slot = slice % KEPT;
    const total = this.#total[slot] as number;
    if (total === 0 && slice < this.#first) return undefined;
    return toJudged(this.#method, slice, this.#bad[slot] as number, total);
  }
}

/** Undefined for a silent slice that does not count. */
function toJudged(
  method: SliceMethod,
  slice: number,
  bad: number,
  total: number,
): JudgedSlice | undefined {
  const good = total === 0 ? silentShare(method) : (total - bad) / total;
  if (good === undefined) return undefined;
  const endsAtMs = (slice + 1) * method.sliceMs;
  if (method.kind === "ratio-time-slices") {
    return { endsAtMs, bad: Math.round((1 - good) * RATIO_UNITS), total: RATIO_UNITS };
  }
  return { endsAtMs, bad: good >= method.target ? 0 : 1, total: 1 };
}

function silentShare({ noData }: SliceMethod): number | undefined {
  if (noData === "ignore") return undefined;
  return noData === "good" ? 1 : 0;
}
