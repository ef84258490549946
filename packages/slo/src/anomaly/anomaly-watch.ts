import type { JudgedEvent } from "../engine/sample.ts";
import type { AnomalyEvent, SloEmitter } from "../engine/slo-events.ts";
import { roughly } from "../objective/duration.ts";
import { type DetectorOptions, type Deviation, SeriesDetector } from "./series-detector.ts";

/** Costs and durations: more than usual; less than a twentieth of a step is nothing. */
const MEASURED: DetectorOptions = { bothWays: false, leastSigma: () => 0.05 };
/** Added to counts: silence has no logarithm, and a few calls more or less are nothing. */
const VOLUME_SHIFT = 10;
/** Counts of rare events scatter by themselves, as Poisson's do. */
const VOLUME: DetectorOptions = {
  bothWays: true,
  leastSigma: (usual) => Math.max(0.1, (2 * Math.sqrt(Math.max(1, usual - VOLUME_SHIFT))) / usual),
};
const VOLUME_MS = 5 * 60_000;
/** Of five minutes so much may be missing: a tenth is nothing to tell of. */
const MISSING_MS = VOLUME_MS / 10;
const MAX_SERIES = 1_000;
/** Calls count for volume; tasks and verdicts are about the same ones again. */
const CALLS = ["call_success", "tool_call_success"];

type Metric = AnomalyEvent["metric"];

interface Watched {
  readonly metric: Metric;
  readonly agent: string | undefined;
  readonly name: string | undefined;
  readonly detector: SeriesDetector;
  /** Calls in the current five minutes. */
  calls: number;
  /** Whether it began within them, so that they are not its whole five minutes. */
  isNew: boolean;
  isAnomalous: boolean;
}

/**
 * Watches latency, cost and volume of each agent and what it calls, without anything to configure.
 */
export class AnomalyWatch {
  /** Events of series beyond the cap, which nobody watches. */
  dropped = 0;
  readonly #emitter: SloEmitter;
  readonly #series = new Map<string, Watched>();
  /** Between two looks; a longer one is a clock that jumped, or a machine that slept. */
  readonly #longestMs: number;
  #lookedAtMs: number;
  #intervalEndsMs: number;
  /** Whether time went by evenly since the current five minutes began. */
  #isWhole = true;

  /** `evaluateEveryMs`: how often {@link evaluate} is called. */
  constructor(emitter: SloEmitter, nowMs: number, evaluateEveryMs: number) {
    this.#emitter = emitter;
    this.#longestMs = Math.max(MISSING_MS, 3 * evaluateEveryMs);
    this.#lookedAtMs = nowMs;
    this.#intervalEndsMs = (Math.floor(nowMs / VOLUME_MS) + 1) * VOLUME_MS;
  }

  take(event: JudgedEvent, nowMs: number): void {
    this.evaluate(nowMs);
    const { sli, value } = event;
    if (sli === "latency" || sli === "cost_per_task") {
      if (value === undefined || value <= 0) return;
      const watched = this.#find(sli === "latency" ? "latency" : "cost", event);
      if (watched !== undefined) this.#look(watched, value, nowMs);
    } else if (CALLS.includes(sli)) {
      const watched = this.#find("volume", event);
      if (watched !== undefined) watched.calls++;
    }
  }

  /**
   * Closes the five minutes that are over, also for those of whom nothing was heard. Those in which
   * time jumped, or a series began, are no measure of what is usual.
   */
  evaluate(nowMs: number): void {
    const isJump = Math.abs(nowMs - this.#lookedAtMs) > this.#longestMs;
    this.#lookedAtMs = nowMs;
    if (nowMs < this.#intervalEndsMs && !isJump) return;
    const atMs = this.#intervalEndsMs - 1;
    this.#intervalEndsMs = (Math.floor(nowMs / VOLUME_MS) + 1) * VOLUME_MS;
    const isWhole = this.#isWhole && !isJump;
    this.#isWhole = !isJump;
    for (const watched of this.#series.values()) {
      if (watched.metric !== "volume") continue;
      const { calls, isNew } = watched;
      watched.calls = 0;
      watched.isNew = false;
      if (isWhole && !isNew) this.#look(watched, calls + VOLUME_SHIFT, atMs);
    }
  }

  #find(metric: Metric, { agent, model, tool }: JudgedEvent): Watched | undefined {
    const key = JSON.stringify([metric, agent, model, tool]);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= MAX_SERIES) {
      this.dropped++;
      return undefined;
    }
    const detector = new SeriesDetector(metric === "volume" ? VOLUME : MEASURED);
    const name = model ?? tool;
    const watched = { metric, agent, name, detector, calls: 0, isNew: true, isAnomalous: false };
    this.#series.set(key, watched);
    return watched;
  }

  #look(watched: Watched, value: number, atMs: number): void {
    const deviation = watched.detector.observe(value, atMs);
    if (deviation === undefined || deviation.isAnomalous === watched.isAnomalous) return;
    watched.isAnomalous = deviation.isAnomalous;
    const name = deviation.isAnomalous ? "anomaly-detected" : "anomaly-ended";
    this.#emitter.emit(name, toEvent(watched, value, deviation, atMs));
  }
}

function toEvent(
  { metric, agent, name }: Watched,
  measured: number,
  { usual, score, isAnomalous }: Deviation,
  atMs: number,
): AnomalyEvent {
  const shift = metric === "volume" ? VOLUME_SHIFT : 0;
  const [value, expected] = [measured - shift, Math.max(0, usual - shift)];
  const whom = [agent, name].filter((part) => part !== undefined).join(" → ") || "anyone";
  const begin = isAnomalous ? "" : "No longer unusual. ";
  const text = `${begin}${WORDS[metric]} of ${whom}: ${show(metric, value)}, where ${show(metric, expected)} is usual.`;
  return { metric, agent, name, value, usual: expected, score, atMs, text };
}

const WORDS: Readonly<Record<Metric, string>> = {
  latency: "Latency",
  cost: "Cost of a task",
  volume: "Calls in five minutes",
};

function show(metric: Metric, value: number): string {
  if (metric === "volume") return String(Math.round(value));
  if (metric === "cost") return `$${Number((value / 1e9).toPrecision(2))}`;
  return value < 90_000 ? `${Number((value / 1_000).toPrecision(2))} s` : roughly(value);
}
