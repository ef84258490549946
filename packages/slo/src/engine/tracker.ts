import type { BurnRule } from "../alerts/burn-rule.ts";
import { isEvidence } from "../alerts/guard-table.ts";
import { DAY_MS, HOUR_MS, MAX_SKEW_MS, MINUTE_MS } from "../objective/duration.ts";
import type { Objective } from "../objective/objective.ts";
import { windowKey } from "../objective/objective-window.ts";
import { type Period, periodAt } from "../windows/calendar-period.ts";
import { type JudgedSlice, RATIO_UNITS, SliceCounter } from "../windows/slice-counter.ts";
import { WindowSet } from "../windows/window-set.ts";
import { addToRings, storedRingOf } from "./add-to-rings.ts";
import { AheadCounts } from "./ahead-counts.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { isDoneByAction, judge } from "./judge.ts";
import type { JudgedEvent } from "./sample.ts";
import { ofPeriod, type StoredRing, type TrackerSnapshot } from "./tracker-snapshot.ts";

/** Over which the first bad event of a target of 100 % alerts. */
const ZERO_TOLERANCE_MS = [5 * MINUTE_MS, HOUR_MS] as const;
/** Room for the longest period of a calendar, and for the hour that daylight saving adds. */
const LONGER_MS = 2 * DAY_MS;

/** A window as `burn` names it. */
export interface NamedWindow {
  readonly key: string;
  /** Undefined for the budget's own. */
  readonly ms: number | undefined;
}

/** The counts of one objective. Time and memory do not depend on history. */
export class Tracker {
  readonly objective: Objective;
  /** Whether it leaves out what actions refused, or made too slow. */
  readonly isWithoutRefused: boolean;
  /** Shortest first, the budget's last. */
  readonly windows: readonly NamedWindow[];
  /** Grows with whatever changes the counts or the windows. */
  version = 0;
  /** Events since the tracker was made, before any window or slice. */
  good = 0;
  bad = 0;
  excluded = 0;
  /** Those of the bad ones that an action of any objective refused, or made too slow. */
  refused = 0;
  /** Epoch ms of the first event, or of the oldest that was restored. */
  startedAtMs: number | undefined;
  /** What the state port has not taken yet. */
  journal: Journal | undefined;
  /** Whether the state port was not asked yet, so that what it counts is not all there is. */
  isPartial = false;
  readonly #set: WindowSet;
  readonly #slices: SliceCounter | undefined;
  readonly #unit: number;
  readonly #long: readonly number[];
  readonly #short: readonly number[];
  /** Epoch ms since which it would have counted. */
  #sinceMs: number;
  #period: Period | undefined;
  #advancedAtMs = 0;
  /** By ring; of the budget's nothing is left out. */
  readonly #ahead: readonly AheadCounts[];
  /** What was counted since the counts of others were taken over, while that goes on. */
  #changes: JournalEntry[] | undefined;

  constructor(objective: Objective, nowMs: number, isWithoutRefused = false) {
    this.objective = objective;
    this.isWithoutRefused = isWithoutRefused;
    this.#sinceMs = nowMs;
    const { window, method } = objective;
    const lengths = ruleLengths(objective);
    const budgetMs = window.kind === "rolling" ? window.lengthMs : window.lengthMs + LONGER_MS;
    this.#set = new WindowSet(
      lengths.map(({ ms }) => ms),
      budgetMs,
    );
    this.#ahead = this.#set.rings.map(() => new AheadCounts());
    this.windows = [...lengths, { key: windowKey(window), ms: undefined }];
    this.#long = objective.rules.map(({ longMs }) => this.indexOf(longMs));
    this.#short = objective.rules.map(({ shortMs }) => this.indexOf(shortMs));
    this.#slices =
      method.kind === "occurrences" ? undefined : new SliceCounter(method, window.lengthMs);
    this.#unit = method.kind === "ratio-time-slices" ? RATIO_UNITS : 1;
    this.advance(nowMs);
  }

  /** Counts one event of now, if the objective is about its source. */
  take(event: JudgedEvent, nowMs: number): void {
    const { objective } = this;
    if (!objective.sources.includes(event.source)) return;
    this.advance(nowMs);
    const outcome = judge(objective, event);
    this.version++;
    if (outcome === "excluded") {
      this.excluded++;
      return;
    }
    this.startedAtMs ??= nowMs;
    const isRefused = outcome === "bad" && isDoneByAction(objective, event);
    const isLeftOut = isRefused && this.isWithoutRefused;
    // A slice of which all was refused was not silent, and is not bad where silence is.
    if (isLeftOut && !this.#slices?.isBadIfSilent) return;
    if (isRefused) this.refused++;
    const bad = outcome === "bad" && !isLeftOut ? 1 : 0;
    this.bad += bad;
    this.good += 1 - bad;
    if (this.#slices === undefined) this.#set.add(bad, 1);
    else this.#takeIntoSlice(this.#slices, nowMs, bad, 1);
    this.journal?.add(nowMs, bad, 1);
  }

  /** Lets time pass. */
  advance(nowMs: number): void {
    if (this.#set.advance(nowMs)) {
      this.version++;
      this.#beginPeriod(nowMs);
      if (nowMs - this.#advancedAtMs > MAX_SKEW_MS) for (const one of this.#ahead) one.forget();
      this.#advancedAtMs = nowMs;
      // Of a clock that was ahead.
      this.#sinceMs = Math.min(this.#sinceMs, nowMs);
      this.startedAtMs &&= Math.min(this.startedAtMs, nowMs);
    }
    if (this.#slices === undefined) return;
    for (const judged of this.#slices.advance(nowMs)) this.#count(judged);
  }

  /**
   * Counts events of before, or of another process; the state port knows them, or is told apart.
   */
  replay(atMs: number, bad: number, total: number): void {
    this.version++;
    if (this.#slices === undefined) this.#addAt(atMs, bad, total);
    else this.#takeIntoSlice(this.#slices, atMs, bad, total);
  }

  /** Bad events of a window, by its index in `windows`. */
  badIn(window: number): number {
    return (this.#set.bad[window] as number) / this.#unit;
  }

  totalIn(window: number): number {
    return (this.#set.total[window] as number) / this.#unit;
  }

  /** Bad ÷ total; NaN while there is nothing. */
  ratio(window: number): number {
    return (this.#set.bad[window] as number) / (this.#set.total[window] as number);
  }

  /** Share of the observed part of the window in which something was measured. */
  coverage(nowMs: number): number {
    const { startedAtMs } = this;
    if (startedAtMs === undefined) return 0;
    const { bucketMs, filled } = this.#set.lastRing;
    const { window, method } = this.objective;
    const fromMs = Math.max(startedAtMs, this.#period?.startsAtMs ?? nowMs - window.lengthMs);
    const share = (count: number, ms: number, current: 0 | 1): number =>
      Math.min(1, count / Math.max(1, Math.floor(nowMs / ms) - Math.floor(fromMs / ms) + current));
    // Slices longer than buckets leave buckets empty between their ends.
    return method.kind !== "occurrences" && method.sliceMs > bucketMs
      ? share(this.totalIn(this.windows.length - 1), method.sliceMs, 0)
      : share(filled, bucketMs, 1);
  }

  /** Whether a rule fires on the counts of now. */
  isFiring(rule: number): boolean {
    const { rules } = this.objective;
    const { threshold, guard } = rules[rule] as (typeof rules)[number];
    if (!(this.ratio(this.#short[rule] as number) > threshold)) return false;
    const long = this.#long[rule] as number;
    return this.ratio(long) > threshold && isEvidence(guard, this.badIn(long), this.totalIn(long));
  }

  /** Whether a rule that alerts of silence has seen nothing for as long as it looks back. */
  isSilent(rule: number, nowMs: number): boolean {
    const { whenNoData, longMs } = this.objective.rules[rule] as BurnRule;
    if (!whenNoData || this.#set.total[this.#long[rule] as number] !== 0) return false;
    return nowMs - Math.min(this.#sinceMs, this.startedAtMs ?? Infinity) >= longMs;
  }

  /** Where a length is in `windows`; the last when a rule looks at the whole window. */
  indexOf(ms: number): number {
    const index = this.windows.findIndex((window) => window.ms === ms);
    return index < 0 ? this.windows.length - 1 : index;
  }

  /** What the state port keeps. */
  snapshot(): TrackerSnapshot {
    const slices = this.#slices?.snapshot();
    const held = this.#set.buckets();
    const rings = this.#set.rings.map(({ bucketMs, slots }, index): StoredRing => {
      return { bucketMs, slots, buckets: held[index] ?? [] };
    });
    return { periodAtMs: this.#period?.startsAtMs ?? 0, rings, ...(slices && { slices }) };
  }

  /**
   * Takes these counts in place of what it holds, and counts `entries` beside them. Returns what
   * both are together, each in its own time: what is later than our clock says counts here as of
   * now, and stays where it was for all others.
   */
  restore(
    all: TrackerSnapshot,
    entries: readonly JournalEntry[],
    nowMs: number,
    keptFromMs: number,
  ): TrackerSnapshot {
    this.advance(nowMs);
    this.#followPeriod(all, nowMs);
    const stored = ofPeriod(all, this.#period?.startsAtMs ?? 0);
    this.#take(stored.rings, nowMs);
    const changes: JournalEntry[] = [];
    this.#changes = changes;
    const known = [stored.slices, stored.otherSlices].filter((one) => one !== undefined);
    const otherSlices = known.length > 0 ? this.#slices?.restore(known, nowMs) : undefined;
    this.advance(nowMs);
    for (const [atMs, bad, total] of entries) this.replay(atMs, bad, total);
    this.#changes = undefined;
    const slices = this.#slices?.snapshot();
    const { periodAtMs, otherPeriods } = stored;
    const rings = addToRings(stored, changes, this.#set.rings, keptFromMs);
    return {
      periodAtMs,
      rings,
      ...(otherPeriods && { otherPeriods }),
      ...(slices && { slices, otherSlices }),
    };
  }

  #take(rings: readonly StoredRing[], nowMs: number): void {
    this.#set.clear();
    for (const [index, ring] of this.#set.rings.entries()) {
      const isBudget = ring === this.#set.lastRing;
      const stored = storedRingOf(rings, this.#set.rings, ring)?.buckets ?? [];
      const held = isBudget ? stored : this.#ahead[index]?.leaveOut(stored, nowMs);
      for (const [atMs, bad, total] of held ?? []) ring.addAt(atMs, bad, total);
    }
    this.version++;
  }

  #takeIntoSlice(slices: SliceCounter, atMs: number, bad: number, total: number): void {
    const judged = slices.add(atMs, bad, total);
    if (judged !== undefined) this.#count(judged);
  }

  /** A slice counts when it ends. */
  #count({ endsAtMs, bad, total }: JudgedSlice): void {
    this.version++;
    this.#addAt(endsAtMs - 1, bad, total);
  }

  /** Without what was before the budget's period. */
  #addAt(atMs: number, bad: number, total: number): void {
    this.#changes?.push([atMs, bad, total]);
    const startsAtMs = this.#period?.startsAtMs ?? 0;
    for (const ring of this.#set.rings) {
      if (ring !== this.#set.lastRing || atMs >= startsAtMs) ring.addAt(atMs, bad, total);
    }
  }

  /** Who has the period before us has a clock that is a little ahead: what it counted stays. */
  #followPeriod({ periodAtMs, atMs = periodAtMs }: TrackerSnapshot, nowMs: number): void {
    const { window } = this.objective;
    if (window.kind === "rolling" || periodAtMs < (this.#period?.endsAtMs ?? Infinity)) return;
    if (Math.max(atMs, periodAtMs) - nowMs > MAX_SKEW_MS) return;
    this.#period = periodAt(window.period, window.timeZone, periodAtMs);
  }

  #beginPeriod(nowMs: number): void {
    const { window } = this.objective;
    if (window.kind === "rolling") return;
    const { startsAtMs = Infinity, endsAtMs = 0 } = this.#period ?? {};
    const isBack = nowMs < startsAtMs - MAX_SKEW_MS;
    if (nowMs < endsAtMs && !isBack) return;
    const isFirst = this.#period === undefined;
    this.#period = periodAt(window.period, window.timeZone, nowMs);
    if (!isFirst && !isBack) this.#set.clearLast();
  }
}

/** Each length once, shortest first; a rule may look at the whole window. */
function ruleLengths({ rules, window, target }: Objective): { key: string; ms: number }[] {
  const lengths = new Map<number, string>();
  for (const { long, longMs, short, shortMs } of rules)
    lengths.set(longMs, long).set(shortMs, short);
  if (target.budget === 0)
    for (const ms of ZERO_TOLERANCE_MS) lengths.set(ms, ms === HOUR_MS ? "1h" : "5m");
  if (window.kind === "rolling") lengths.delete(window.lengthMs);
  return [...lengths].sort(([a], [b]) => a - b).map(([ms, key]) => ({ key, ms }));
}
