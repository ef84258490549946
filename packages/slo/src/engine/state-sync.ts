import { createHash, randomUUID } from "node:crypto";
import type { Clock, StateEntry, StateStore } from "@burnrate/core";
import type { Absences } from "./absences.ts";
import type { ActionRunner } from "./action-runner.ts";
import { MAX_ZONE_MS } from "./add-to-rings.ts";
import { exchangeFindings } from "./exchange-findings.ts";
import { exchangeHeard } from "./exchange-heard.ts";
import { EVENT_GRAIN_MS, Journal, type JournalEntry } from "./journal.ts";
import { ReviveMemory } from "./revive-memory.ts";
import type { SloEmitter } from "./slo-events.ts";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";
import { type ReadWrite, SLOW, timedStore } from "./timed-store.ts";
import type { Tracker } from "./tracker.ts";
import type { TrackerSnapshot } from "./tracker-snapshot.ts";

const PREFIX = "burnrate:slo:";
/** Processes that write at the same time take turns; each turn somebody gets through. */
const MAX_TRIES = 50;
/** A process that was silent for so long hands nothing over again. */
const WRITER_MS = 24 * 3_600_000;
/** Who is remembered beside: short-lived processes may come by the thousand. */
const MAX_WRITERS = 1_000;
/** After so many failures in a row the store is away, and not one text that it will not take. */
const AWAY_AFTER = 3;

/** What was taken from a journal and may or may not have arrived. */
interface Handover {
  readonly number: number;
  readonly entries: readonly JournalEntry[];
  /** What was to be written in place of this revision, which may yet arrive. */
  readonly text: string;
  readonly revision: number;
}

/** One objective and where its counts are kept. */
interface Shared {
  readonly tracker: Tracker;
  readonly journal: Journal;
  readonly key: string;
  /** Where those are that it begins with, if it has none of its own yet. */
  readonly firstKey: string | undefined;
  revision: number;
  inFlight: Handover | undefined;
}

/**
 * Brings each objective's counts together with those in the state port: reads them, adds what was
 * counted here since the last time, and writes the sum if nobody was faster. So a restart finds
 * what was counted, and several processes see one sum. A handover without an answer is made again
 * under its own number until it is found to have arrived: however late it does, it is counted once.
 */
export class StateSync {
  /** Epoch ms at which it was at work last: of a process that stood still that is long ago. */
  atWorkMs: number;
  readonly #store: ReadWrite;
  readonly #shared: readonly Shared[];
  readonly #clock: Clock;
  readonly #emitter: SloEmitter;
  readonly #absences: Absences;
  readonly #runners: readonly ActionRunner[];
  readonly #revives: readonly ReviveMemory[];
  readonly #writer: string = randomUUID();
  #handovers = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    store: StateStore,
    trackers: readonly Tracker[],
    runners: readonly ActionRunner[],
    absences: Absences,
    clock: Clock,
    emitter: SloEmitter,
  ) {
    this.#absences = absences;
    this.#runners = runners;
    this.#revives = runners.map((runner) => new ReviveMemory(runner));
    this.#store = timedStore(store, clock);
    this.#clock = clock;
    this.atWorkMs = clock.wallMs();
    this.#emitter = emitter;
    this.#shared = trackers.map((tracker) => {
      const { method } = tracker.objective;
      const journal = new Journal(method.kind === "occurrences" ? EVENT_GRAIN_MS : method.sliceMs);
      tracker.journal = journal;
      tracker.isPartial = true;
      return { tracker, journal, ...keysOf(tracker), revision: 0, inFlight: undefined };
    });
  }

  /** Exchanges everything once, after any exchange that is under way. Never rejects. */
  sync(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = this.#exchangeAll();
      return this.#running;
    });
    return this.#next;
  }

  async #exchangeAll(): Promise<void> {
    // Revives first: who learns that an objective burns must know that it may not kill.
    const revives = this.#revives.map((revive) => () => revive.exchange(this.#store));
    const counts = this.#shared.map((shared) => async () => {
      await this.#exchange(shared);
      shared.tracker.isPartial = false;
    });
    const findings = this.#runners.map(
      (runner) => () => exchangeFindings(this.#store, runner, this.#clock.wallMs()),
    );
    const hear = (): Promise<void> =>
      exchangeHeard(this.#store, this.#absences, this.#clock.wallMs());
    let failures = 0;
    let inARow = 0;
    for (const step of [...revives, ...counts, ...findings, hear]) {
      try {
        await step();
        this.atWorkMs = this.#clock.wallMs();
        inARow = 0;
      } catch (error) {
        failures++;
        if (error === SLOW || ++inARow === AWAY_AFTER) break;
      }
    }
    // Without a store, what was counted here is all that can be known.
    this.atWorkMs = this.#clock.wallMs();
    for (const { tracker } of this.#shared) tracker.isPartial = false;
    if (failures > 0) this.#emitter.emit("state-unavailable", { atMs: this.#clock.wallMs() });
  }

  async #exchange(shared: Shared): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const entry = (await this.#store.read(shared.key)) ?? (await this.#first(shared));
      this.atWorkMs = this.#clock.wallMs();
      const isAgain = shared.inFlight !== undefined;
      const handover = this.#bringTogether(shared, entry);
      if (handover === undefined) return;
      const written = await this.#store.write(shared.key, handover.text, handover.revision);
      if (written === undefined) continue; // somebody was faster
      shared.inFlight = undefined;
      shared.revision = written;
      if (!isAgain || shared.journal.isEmpty) return;
    }
  }

  /** What was counted before there was a second count: by an older version. */
  async #first({ tracker, firstKey }: Shared): Promise<StateEntry | undefined> {
    if (firstKey === undefined || !tracker.isPartial) return undefined;
    const entry = await this.#store.read(firstKey);
    return entry && { ...entry, revision: 0 };
  }

  /** Takes over what is stored, with what was counted here; what is to be written, if anything. */
  #bringTogether(shared: Shared, entry: StateEntry | undefined): Handover | undefined {
    const { tracker, journal, inFlight } = shared;
    const revision = entry?.revision ?? 0;
    if (inFlight?.revision === revision) return inFlight; // nobody wrote since: once more
    const isKnown = revision !== 0 && revision === shared.revision;
    if (isKnown && inFlight === undefined && journal.isEmpty) return undefined;
    const stored = entry && parseSnapshot(entry.value);
    if (stored === undefined && tracker.startedAtMs === undefined) return undefined;
    const again = this.#hasArrived(stored, inFlight) ? undefined : inFlight;
    shared.revision = revision;
    shared.inFlight = this.#handOver(shared, stored, again);
    return shared.inFlight;
  }

  #handOver(
    { tracker, journal, revision }: Shared,
    stored: Snapshot | undefined,
    again: Handover | undefined,
  ): Handover | undefined {
    // What is handed over again stays what it was, unless the whole of our counts is.
    const ours = again !== undefined && stored !== undefined ? [] : journal.take();
    const entries = again === undefined ? ours : [...again.entries, ...ours];
    const counts = stored && this.#adopt(tracker, stored, entries);
    if (stored !== undefined && entries.length === 0) return undefined;
    const number = again?.number ?? ++this.#handovers;
    const text = JSON.stringify(this.#snapshot(tracker, stored, counts, number));
    for (const later of journal.entries()) tracker.replay(...later);
    return { number, entries, text, revision };
  }

  #hasArrived(stored: Snapshot | undefined, handover: Handover | undefined): boolean {
    return handover !== undefined && stored?.writers[this.#writer]?.[0] === handover.number;
  }

  /** Nothing leaves the store that is in a window of whoever wrote last: our clock may be ahead. */
  #adopt(tracker: Tracker, stored: Snapshot, entries: readonly JournalEntry[]): TrackerSnapshot {
    const nowMs = this.#clock.wallMs();
    const keptFromMs = Math.max(nowMs - MAX_ZONE_MS, Math.min(nowMs, stored.atMs ?? nowMs));
    const counts = tracker.restore(stored, entries, nowMs, keptFromMs);
    tracker.startedAtMs = Math.min(stored.startedAtMs, tracker.startedAtMs ?? Infinity);
    return counts;
  }

  #snapshot(
    tracker: Tracker,
    stored: Snapshot | undefined,
    counts: TrackerSnapshot | undefined,
    number: number,
  ): Snapshot {
    const nowMs = this.#clock.wallMs();
    const writers = Object.entries(stored?.writers ?? {})
      .filter(([writer, [, atMs]]) => writer !== this.#writer && nowMs - atMs < WRITER_MS)
      .toSorted(([, [, one]], [, [, other]]) => other - one)
      .slice(0, MAX_WRITERS - 1);
    return {
      format: 3,
      startedAtMs: tracker.startedAtMs ?? nowMs,
      atMs: nowMs,
      ...(counts ?? tracker.snapshot()),
      writers: { ...Object.fromEntries(writers), [this.#writer]: [number, nowMs] },
    };
  }
}

/**
 * Counts of another definition are not comparable: they are kept under another key. Alerts only
 * look at counts.
 */
function keysOf({ objective, isWithoutRefused }: Tracker): Pick<Shared, "key" | "firstKey"> {
  const { name, sli, match, threshold, method, window, sources } = objective;
  const shape = JSON.stringify([sli, match, threshold, method, window, sources]);
  const digest = createHash("sha256").update(shape).digest("hex").slice(0, 12);
  const key = `${PREFIX}${name}:${digest}`;
  return isWithoutRefused
    ? { key: `${key}:unrefused`, firstKey: key }
    : { key, firstKey: undefined };
}
