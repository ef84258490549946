import type { CallRecord, OutcomeClass } from "@burnrate/core";
import { ATTRIBUTE, BUCKETS, OWN } from "../semantic-conventions.ts";
import { Family, type FoldCounter, type Labels } from "./family.ts";
import { Histogram, type TracePlace } from "./histogram.ts";
import type { LabelReader } from "./label-option.ts";
import { Subjects } from "./subjects.ts";

/** A number that only rises. */
export interface Count {
  value: number;
}

/** How often a model or tool ended in one way, and how long that took. */
interface Ended {
  readonly count: Count;
  readonly durations: readonly Histogram[];
}

/** What a model or tool has counted so far; each is opened when it is needed first. */
interface Subject {
  readonly labels: Labels;
  readonly isOther: boolean;
  readonly ends: Map<OutcomeClass, Ended>;
  firstChunk: Histogram | undefined;
  inputTokens: Histogram | undefined;
  outputTokens: Histogram | undefined;
  cost: Count | undefined;
  costCorrections: Count | undefined;
}

/** Ends that say how long a provider or tool took: something was sent, and somebody saw it end. */
const TIMED: Readonly<Record<OutcomeClass, boolean>> = {
  success: true,
  "tool-error": true,
  "rate-limited": true,
  "server-error": true,
  "client-error": true,
  "connection-error": true,
  timeout: true,
  failed: true,
  aborted: true,
  abandoned: true,
  killed: true,
  cached: false,
  refused: false,
  released: false,
  unknown: false,
};

/** What {@link CallMetrics} is made with. */
export interface CallMetricsOptions {
  readonly readers: readonly LabelReader[];
  readonly maxSeries: number;
  readonly modelBucketsSeconds: readonly number[];
}

/**
 * Counts calls in plain numbers of this process: constant time, no allocation once a model is
 * known, nothing of OpenTelemetry. Exports read it whenever they like.
 */
export class CallMetrics {
  readonly counter: FoldCounter = { folded: 0 };
  readonly operationDurations: Family<Histogram>;
  readonly firstChunks: Family<Histogram>;
  readonly tokens: Family<Histogram>;
  readonly toolDurations: Family<Histogram>;
  readonly mcpDurations: Family<Histogram>;
  readonly calls: Family<Count>;
  readonly costs: Family<Count>;
  readonly costCorrections: Family<Count>;
  readonly refusals: Map<string, number> = new Map();
  corrected = 0;
  readonly #subjects: Subjects<Subject>;

  constructor({ readers, maxSeries, modelBucketsSeconds }: CallMetricsOptions) {
    const { counter } = this;
    const histograms = (bounds: readonly number[]): Family<Histogram> =>
      new Family(maxSeries, counter, () => new Histogram(bounds));
    const counts = (): Family<Count> => new Family(maxSeries, counter, () => ({ value: 0 }));
    this.operationDurations = histograms(modelBucketsSeconds);
    this.firstChunks = histograms(modelBucketsSeconds);
    this.tokens = histograms(BUCKETS.tokens);
    this.toolDurations = histograms(BUCKETS.toolSeconds);
    this.mcpDurations = histograms(BUCKETS.toolSeconds);
    this.calls = counts();
    this.costs = counts();
    this.costCorrections = counts();
    this.#subjects = new Subjects(readers, maxSeries, counter, (_, labels, isOther) => ({
      labels,
      isOther,
      ends: new Map(),
      firstChunk: undefined,
      inputTokens: undefined,
      outputTokens: undefined,
      cost: undefined,
      costCorrections: undefined,
    }));
  }

  /** Counts a call that ended, or was refused. */
  record(record: CallRecord, place?: TracePlace): void {
    const subject = this.#subjects.of(record);
    this.#count(subject, record, place);
    const { costNanoUsd } = record;
    if (costNanoUsd !== undefined && costNanoUsd > 0) this.#charge(subject, costNanoUsd);
  }

  /** A call that was counted as `before` ended after all. Its charge changes by the difference. */
  correct(record: CallRecord, before: CallRecord, place?: TracePlace): void {
    const subject = this.#subjects.of(record);
    this.corrected++;
    this.#count(subject, record, place, before);
    const change = (record.costNanoUsd ?? 0) - (before.costNanoUsd ?? 0);
    if (change > 0) this.#charge(subject, change);
    else if (change < 0) {
      subject.costCorrections ??= open(this.costCorrections, subject, subject.labels);
      subject.costCorrections.value -= change;
    }
  }

  #charge(subject: Subject, nanoUsd: number): void {
    subject.cost ??= open(this.costs, subject, subject.labels);
    subject.cost.value += nanoUsd;
  }

  #count(
    subject: Subject,
    record: CallRecord,
    place: TracePlace | undefined,
    before?: CallRecord,
  ): void {
    const { outcome, refusalCode, latencyMs } = record;
    let ended = subject.ends.get(outcome);
    if (ended === undefined) {
      ended = this.#openEnded(subject, record);
      subject.ends.set(outcome, ended);
    }
    ended.count.value++;
    if (outcome === "refused" && refusalCode !== undefined) {
      this.refusals.set(refusalCode, (this.refusals.get(refusalCode) ?? 0) + 1);
    }
    const atMs = record.startedAtMs + latencyMs;
    for (const duration of ended.durations) duration.record(latencyMs / 1_000, place, atMs);
    if (record.kind === "model") this.#measureModel(subject, record, place, before);
  }

  /** A failure has its class as `error.type`; a tool of an MCP server is counted as both. */
  #openEnded(subject: Subject, { kind, provider, outcome }: CallRecord): Ended {
    const { labels } = subject;
    const count = open(this.calls, subject, { ...labels, [OWN.outcome]: outcome });
    if (!TIMED[outcome]) return { count, durations: [] };
    const timed = outcome === "success" ? labels : { ...labels, [ATTRIBUTE.errorType]: outcome };
    if (kind === "model") {
      return { count, durations: [open(this.operationDurations, subject, timed)] };
    }
    const tool = open(this.toolDurations, subject, timed);
    const durations =
      provider === undefined ? [tool] : [tool, open(this.mcpDurations, subject, timed)];
    return { count, durations };
  }

  /** A first chunk that `before` told is counted already. */
  #measureModel(
    subject: Subject,
    record: CallRecord,
    place: TracePlace | undefined,
    before: CallRecord | undefined,
  ): void {
    const { timeToFirstTokenMs, outcome, usage, usageSource } = record;
    if (outcome === "cached" || outcome === "refused") return;
    const atMs = record.startedAtMs + record.latencyMs;
    if (timeToFirstTokenMs !== undefined && before?.timeToFirstTokenMs === undefined) {
      subject.firstChunk ??= open(this.firstChunks, subject, subject.labels);
      subject.firstChunk.record(timeToFirstTokenMs / 1_000, place, atMs);
    }
    if (usageSource !== "provider" || usage.inputTokens + usage.outputTokens === 0) return;
    subject.inputTokens ??= this.#openTokens(subject, "input");
    subject.outputTokens ??= this.#openTokens(subject, "output");
    subject.inputTokens.record(usage.inputTokens, place, atMs);
    subject.outputTokens.record(usage.outputTokens, place, atMs);
  }

  #openTokens(subject: Subject, type: "input" | "output"): Histogram {
    return open(this.tokens, subject, { ...subject.labels, [ATTRIBUTE.tokenType]: type });
  }
}

function open<T>(family: Family<T>, { isOther }: Subject, labels: Labels): T {
  return isOther ? family.other(labels) : family.open(labels);
}
