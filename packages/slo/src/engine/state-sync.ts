import { createHash, randomUUID } from "node:crypto";
import type { Clock, StateEntry, StateStore } from "@burnrate/core";
import type { Absences } from "./absences.ts";
import { exchangeHeard } from "./exchange-heard.ts";
import { EVENT_GRAIN_MS, Journal, type JournalEntry } from "./journal.ts";
import type { SloEmitter } from "./slo-events.ts";
import { parseSnapshot, type Snapshot } from "./snapshot.ts";
import type { Tracker } from "./tracker.ts";

const PREFIX = "burnrate:slo:";
/** Processes that write at the same time take turns; each turn somebody gets through. */
const MAX_TRIES = 50;
/** A process that was silent for so long hands nothing over again. */
const WRITER_MS = 24 * 3_600_000;

/** What was taken from a journal and may or may not have arrived. */
interface Handover {
  readonly number: number;
  readonly entries: readonly JournalEntry[];
}

/** One objective and where its counts are kept. */
interface Shared {
  readonly tracker: Tracker;
  readonly journal: Journal;
  readonly key: string;
  revision: number;
  inFlight: Handover | undefined;
}

/**
 * Brings each objective's counts together with those in the state port: reads them, adds what was
 * counted here since the last time, and writes the sum if nobody was faster. So a restart finds what
 * was counted, and several processes see one sum. A handover whose reply was lost is recognised by
 * its number, so that it is never counted twice.
 */
export class StateSync {
  readonly #store: StateStore;
  readonly #shared: readonly Shared[];
  readonly #clock: Clock;
  readonly #emitter: SloEmitter;
  readonly #absences: Absences;
  readonly #writer: string = randomUUID();
  #handovers = 0;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(
    store: StateStore,
    trackers: readonly Tracker[],
    absences: Absences,
    clock: Clock,
    emitter: SloEmitter,
  ) {
    this.#absences = absences;
    this.#store = store;
    this.#clock = clock;
    this.#emitter = emitter;
    this.#shared = trackers.map((tracker) => {
      const { method } = tracker.objective;
      const journal = new Journal(method.kind === "occurrences" ? EVENT_GRAIN_MS : method.sliceMs);
      tracker.journal = journal;
      return { tracker, journal, key: keyOf(tracker), revision: 0, inFlight: undefined };
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
    try {
      for (const shared of this.#shared) await this.#exchange(shared);
      await exchangeHeard(this.#store, this.#absences, this.#clock.wallMs());
    } catch {
      this.#emitter.emit("state-unavailable", { atMs: this.#clock.wallMs() });
    }
  }

  async #exchange(shared: Shared): Promise<void> {
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const entry = await this.#store.read(shared.key);
      const handover = this.#bringTogether(shared, entry);
      if (handover === undefined) return;
      const written = await this.#store.write(shared.key, handover, shared.revision);
      if (written === undefined) continue; // somebody was faster
      shared.inFlight = undefined;
      shared.revision = written;
      return;
    }
  }

  /** Takes over what is stored, with what was counted here; the text to be written, if any. */
  #bringTogether(shared: Shared, entry: StateEntry | undefined): string | undefined {
    const { tracker, journal } = shared;
    const revision = entry?.revision ?? 0;
    const isNews = revision !== shared.revision || shared.inFlight !== undefined;
    if (entry !== undefined && journal.isEmpty && !isNews) return undefined;
    const stored = entry && parseSnapshot(entry.value);
    this.#settleInFlight(shared, stored);
    if (stored === undefined && tracker.startedAtMs === undefined) return undefined;
    const entries = journal.take();
    if (stored !== undefined) this.#adopt(tracker, stored, entries);
    shared.revision = revision;
    if (stored !== undefined && entries.length === 0) return undefined;
    shared.inFlight = { number: ++this.#handovers, entries };
    return JSON.stringify(this.#snapshot(tracker, stored));
  }

  /** What was handed over without an answer has arrived, or is counted as ours again. */
  #settleInFlight(shared: Shared, stored: Snapshot | undefined): void {
    const { inFlight, journal } = shared;
    if (inFlight === undefined) return;
    shared.inFlight = undefined;
    const hasArrived = stored?.writers[this.#writer]?.[0] === inFlight.number;
    if (!hasArrived) journal.giveBack(inFlight.entries);
  }

  #adopt(tracker: Tracker, stored: Snapshot, entries: readonly JournalEntry[]): void {
    tracker.restore(stored, this.#clock.wallMs());
    tracker.startedAtMs = Math.min(stored.startedAtMs, tracker.startedAtMs ?? Infinity);
    for (const [atMs, bad, total] of entries) tracker.replay(atMs, bad, total);
  }

  #snapshot(tracker: Tracker, stored: Snapshot | undefined): Snapshot {
    const nowMs = this.#clock.wallMs();
    const writers = Object.entries(stored?.writers ?? {}).filter(
      ([, [, atMs]]) => nowMs - atMs < WRITER_MS,
    );
    return {
      format: 2,
      startedAtMs: tracker.startedAtMs ?? nowMs,
      ...tracker.snapshot(),
      writers: { ...Object.fromEntries(writers), [this.#writer]: [this.#handovers, nowMs] },
    };
  }
}

/** Counts of another definition are not comparable: they are kept under another key. */
function keyOf({ objective, windows }: Tracker): string {
  const { name, sli, match, threshold, method, window, sources } = objective;
  const shape = JSON.stringify([sli, match, threshold, method, window, sources, windows]);
  const digest = createHash("sha256").update(shape).digest("hex").slice(0, 12);
  return `${PREFIX}${name}:${digest}`;
}
