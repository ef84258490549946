import { type Clock, type EvaluationResult, type Guard, systemClock } from "@burnrate/core";
import {
  checkBoolean,
  checkFraction,
  checkObject,
  checkWholeNumber,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import type { Interval } from "../statistics/interval.ts";
import { wilson } from "../statistics/wilson.ts";
import { type RateSli, rateSli } from "./rate-sli.ts";

/** Options of {@link createEvaluationSlis}. */
export interface EvaluationSlisOptions {
  /** Evaluations that are kept for each evaluator, the latest (default 10,000). */
  readonly window?: number;
  /** Measures the lag (default: the system's). */
  readonly clock?: Clock;
}

/** Figures of one evaluator over its latest evaluations. */
export interface EvaluationFigures {
  readonly passRate: RateSli;
  /** Share of evaluations that came to a verdict, of those begun: not of those dropped. */
  readonly coverage: Interval;
  /** Share that failed to run or timed out. */
  readonly errorRate: Interval;
  /** From the end of the call to the verdict; undefined when no end was seen. */
  readonly lagMs: { readonly median: number; readonly p95: number } | undefined;
}

/** What evaluators are worth while they run: their rates with intervals, and their own health. */
export interface EvaluationSlis {
  /** Listens to a guard, once however often it is called; returns what stops it. */
  follow(guard: Guard): () => void;
  /**
   * Adds a person's verdict on a call or task; false when its evaluation has left the window.
   * @throws {ConfigError} `BR9001` for a probability that is not above 0 and at most 1.
   */
  label(evaluator: string, id: string, good: boolean, probability?: number): boolean;
  /** Undefined for an evaluator that has not judged anything. */
  figures(evaluator: string): EvaluationFigures | undefined;
  /** Names of the evaluators seen; at most 100 are told apart. */
  evaluators(): readonly string[];
  /**
   * What evaluators' own calls have cost, in nano-dollars; those of unknown price are not in it.
   */
  costNanoUsd(): number;
}

const MAX_EVALUATORS = 100;
const MAX_CALLS = 10_000;

interface Kept {
  readonly id: string | undefined;
  readonly status: EvaluationResult["status"];
  readonly lagMs: number | undefined;
  human?: boolean;
  probability?: number;
}

/**
 * Keeps the latest evaluations of each evaluator, in numbers and ids, bounded.
 * @example
 * const slis = createEvaluationSlis();
 * slis.follow(guard);
 * slis.figures("groundednessLexical")?.passRate; // { estimate: 0.94, low: 0.92, high: 0.95, … }
 * @throws {ConfigError} `BR9001`
 */
export function createEvaluationSlis(options: EvaluationSlisOptions = {}): EvaluationSlis {
  const given = checkObject("createEvaluationSlis()", options);
  refuseUnknownKeys("createEvaluationSlis()", given, ["window", "clock"]);
  const bounds = { min: 1, max: 1_000_000 };
  const window = checkWholeNumber(
    "createEvaluationSlis().window",
    options.window ?? 10_000,
    bounds,
  );
  return new Collector(window, options.clock ?? systemClock);
}

class Collector implements EvaluationSlis {
  readonly #window: number;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Ring>();
  /** When calls ended, for the lag: the latest 10,000. */
  readonly #endedMs = new Map<string, number>();
  readonly #followed = new WeakMap<Guard, { followers: number; readonly stop: () => void }>();
  #costNanoUsd = 0;

  constructor(window: number, clock: Clock) {
    this.#window = window;
    this.#clock = clock;
  }

  follow(guard: Guard): () => void {
    const followed = this.#followed.get(guard) ?? { followers: 0, stop: this.#listen(guard) };
    this.#followed.set(guard, followed);
    followed.followers++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      followed.followers--;
      if (followed.followers > 0) return;
      followed.stop();
      this.#followed.delete(guard);
    };
  }

  label(evaluator: string, id: string, good: boolean, probability?: number): boolean {
    checkBoolean("label().good", good);
    if (probability !== undefined) checkFraction("label().probability", probability);
    const kept = this.#kept.get(evaluator)?.find(id);
    if (kept === undefined) return false;
    kept.human = good;
    if (probability !== undefined) kept.probability = probability;
    return true;
  }

  figures(evaluator: string): EvaluationFigures | undefined {
    const kept = this.#kept.get(evaluator)?.entries();
    if (kept === undefined) return undefined;
    const observations = kept.map(({ status, human, probability }) => ({
      passed: passedOf(status),
      human,
      probability,
    }));
    const judged = observations.filter(({ passed }) => passed !== undefined).length;
    const failed = kept.filter(({ status }) => status === "error" || status === "timeout").length;
    return {
      passRate: rateSli(observations),
      coverage: wilson(judged, kept.length),
      errorRate: wilson(failed, kept.length),
      lagMs: lagOf(kept),
    };
  }

  evaluators(): readonly string[] {
    return [...this.#kept.keys()];
  }

  costNanoUsd(): number {
    return this.#costNanoUsd;
  }

  #listen(guard: Guard): () => void {
    const stops = [
      guard.on("call-settled", (record) => {
        if (record.purpose === "evaluation") this.#costNanoUsd += record.costNanoUsd ?? 0;
        else this.#ended(record.id);
      }),
      guard.on("evaluation-completed", ({ callId, taskId, result }) => {
        const endedMs = callId === undefined ? undefined : this.#endedMs.get(callId);
        const lagMs = endedMs === undefined ? undefined : this.#clock.monotonicMs() - endedMs;
        this.#ring(result.evaluator)?.push({ id: callId ?? taskId, status: result.status, lagMs });
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  #ended(id: string): void {
    if (this.#endedMs.size >= MAX_CALLS) {
      const [oldest] = this.#endedMs.keys();
      if (oldest !== undefined) this.#endedMs.delete(oldest);
    }
    this.#endedMs.set(id, this.#clock.monotonicMs());
  }

  #ring(evaluator: string): Ring | undefined {
    let ring = this.#kept.get(evaluator);
    if (ring === undefined && this.#kept.size < MAX_EVALUATORS) {
      ring = new Ring(this.#window);
      this.#kept.set(evaluator, ring);
    }
    return ring;
  }
}

/** The latest entries, and the last of each id. */
class Ring {
  readonly #size: number;
  readonly #entries: Kept[] = [];
  readonly #byId = new Map<string, Kept>();
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(entry: Kept): void {
    const old = this.#entries[this.#next];
    if (old?.id !== undefined && this.#byId.get(old.id) === old) this.#byId.delete(old.id);
    this.#entries[this.#next] = entry;
    if (entry.id !== undefined) this.#byId.set(entry.id, entry);
    this.#next = (this.#next + 1) % this.#size;
  }

  find(id: string): Kept | undefined {
    return this.#byId.get(id);
  }

  entries(): readonly Kept[] {
    return this.#entries;
  }
}

function passedOf(status: EvaluationResult["status"]): boolean | undefined {
  if (status === "passed") return true;
  return status === "failed" ? false : undefined;
}

function lagOf(kept: readonly Kept[]): EvaluationFigures["lagMs"] {
  const lags = kept
    .flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs]))
    .sort((a, b) => a - b);
  const at = (share: number): number =>
    lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? 0;
  return lags.length === 0 ? undefined : { median: at(0.5), p95: at(0.95) };
}
