import type { CallRecord } from "../call/call-record.ts";
import { checkFunction, checkWholeNumber } from "../config/check-object.ts";
import type { CallContext } from "../context/call-context.ts";
import type { GuardError } from "../errors/guard-error.ts";
import { boundedName, OTHER } from "./bounded-name.ts";
import {
  classifyCall,
  classifyEvaluation,
  classifyRefusal,
  isAnswered,
} from "./classify-outcome.ts";
import {
  indicatorMetrics,
  invalidValues,
  mergeSeries,
  seriesMetrics,
  toSliCounts,
} from "./metrics-snapshot.ts";
import type { EndedTask, SeriesHistogram, SliRecorder } from "./recorder.ts";
import { createSeriesRegistry } from "./series-registry.ts";
import type {
  CountedSli,
  EvaluationSli,
  MeasuredSli,
  SeriesNames,
  SliEvent,
  SliListener,
  SliName,
  SliOutcome,
  TurnWait,
} from "./sli.ts";
import { DISTRIBUTION_SLIS, type SliSeries } from "./sli-series.ts";

/** Options of `createSliRecorder`. */
export interface SliRecorderOptions {
  /** Series kept apart, about 21 KB each at most; later ones count as `other` (default 1,000). */
  readonly maxSeries?: number;
}

const DEFAULT_MAX_SERIES = 1_000;
/**
 * Calls and tasks that are counted together where nobody is told of each. By itself each finds the
 * counters cold, behind all that a framework did since the last.
 */
const COUNTED_TOGETHER = 16;
const MAX_EVALUATORS = 100;
const OTHER_EVALUATORS: EvaluationSli = `eval:${OTHER}`;

/** Who an event is about; call records have this shape, so nothing is allocated for them. */
interface Subject {
  readonly kind: "model" | "tool" | "task";
  readonly name?: string | undefined;
  readonly model?: string | undefined;
  readonly context: CallContext;
}

/**
 * Makes a recorder without history: everything is a counter or a fixed histogram.
 * @throws ConfigError `BR9001` when `maxSeries` is not a positive whole number.
 */
export function createSliRecorder(options: SliRecorderOptions = {}): SliRecorder {
  const { maxSeries = DEFAULT_MAX_SERIES } = options;
  const registry = createSeriesRegistry(checkWholeNumber("maxSeries", maxSeries, { min: 1 }));
  const evaluators = new Map<string, EvaluationSli>();
  const evaluationCalls = { good: 0, bad: 0, excluded: 0 };
  let foldedEvaluations = 0;
  let listeners: readonly SliListener[] = [];
  let listenerErrors = 0;
  const failed = (): void => {
    listenerErrors += 1;
  };

  const seriesOf = (subject: Subject): SliSeries => {
    const { agent } = subject.context;
    if (subject.kind === "task") return registry.forAgent(agent);
    if (subject.kind === "tool") return registry.forTool(agent, subject.name ?? OTHER);
    return registry.forModel(agent, subject.model ?? subject.name ?? OTHER);
  };

  const emit = (
    subject: Subject,
    sli: SliName,
    outcome: SliOutcome,
    value: number | undefined,
    atMs: number,
    error?: GuardError,
    throttled?: TurnWait,
  ): void => {
    const names = namesOf(subject);
    const event: SliEvent = {
      ...{ sli, outcome, ...names, value, source: "guard", atMs },
      endedBy: error?.code,
      refusedBy: error && actorOf(error),
      throttled,
    };
    for (const listener of listeners) {
      try {
        const returned: unknown = listener(event);
        // An async function fits the type; its rejection must not end the process.
        if (returned instanceof Promise) returned.catch(failed);
      } catch {
        failed();
      }
    }
  };

  const count = (
    series: SliSeries,
    subject: Subject,
    sli: CountedSli,
    outcome: SliOutcome,
    atMs: number,
    error?: GuardError,
  ): void => {
    series.count(sli, outcome);
    if (listeners.length !== 0) emit(subject, sli, outcome, undefined, atMs, error);
  };

  const measure = (
    series: SliSeries,
    subject: Subject,
    sli: MeasuredSli,
    value: number,
    atMs: number,
    throttled?: TurnWait,
  ): void => {
    const isMeasurement = series.measure(sli, value);
    if (!isMeasurement || listeners.length === 0) return;
    emit(subject, sli, "good", value, atMs, undefined, throttled);
  };

  const evaluationSli = (evaluator: string): EvaluationSli => {
    const name = boundedName(evaluator);
    const known = evaluators.get(name);
    if (known !== undefined) return known;
    if (evaluators.size >= MAX_EVALUATORS) {
      foldedEvaluations += 1;
      return OTHER_EVALUATORS;
    }
    const sli: EvaluationSli = `eval:${name}`;
    evaluators.set(name, sli);
    return sli;
  };

  const countCall = (record: CallRecord, atMs: number): void => {
    const outcome = classifyCall(record.outcome);
    if (record.purpose === "evaluation") {
      evaluationCalls[outcome] += 1;
      return;
    }
    const series = seriesOf(record);
    count(series, record, successSli(record.kind), outcome, atMs);
    count(series, record, "policy_compliance", "good", atMs);
    if (isAnswered(record.outcome)) measure(series, record, "latency", record.latencyMs, atMs);
    const firstTokenMs = record.timeToFirstTokenMs;
    if (firstTokenMs !== undefined && record.outcome !== "cached") {
      measure(series, record, "time_to_first_token", firstTokenMs, atMs);
    }
  };

  const countTask = (ended: EndedTask): void => {
    const { outcome, durationMs, throttled, atMs } = ended;
    const subject: Subject = { kind: "task", context: ended.context };
    const series = seriesOf(subject);
    count(series, subject, "task_success", outcome, atMs, ended.endedBy);
    if (outcome === "excluded") return;
    if (outcome === "good") {
      measure(series, subject, "task_duration", durationMs, atMs, throttled);
    }
    const { costNanoUsd } = ended;
    if (costNanoUsd !== undefined) measure(series, subject, "cost_per_task", costNanoUsd, atMs);
    measure(series, subject, "delegation_depth", ended.depth, atMs);
  };

  let waitingCalls: CallRecord[] = [];
  let waitingTasks: EndedTask[] = [];
  /** How many calls wait before each task. */
  let callsBefore: number[] = [];

  /** Counts what waits, in its order: it says which series are older, and kept apart. */
  const catchUp = (): void => {
    const [calls, tasks, before] = [waitingCalls, waitingTasks, callsBefore];
    waitingCalls = [];
    waitingTasks = [];
    callsBefore = [];
    let at = 0;
    for (let index = 0; index <= tasks.length; index++) {
      for (const until = before[index] ?? calls.length; at < until; at++) {
        const call = calls[at] as CallRecord;
        countCall(call, call.startedAtMs);
      }
      const task = tasks[index];
      if (task !== undefined) countTask(task);
    }
  };

  return {
    get isHeard() {
      return listeners.length > 0;
    },

    recordCall(record, atMs) {
      if (listeners.length === 0) {
        if (waitingCalls.push(record) === COUNTED_TOGETHER) catchUp();
      } else countCall(record, atMs ?? record.startedAtMs + record.latencyMs);
    },

    recordRefusal(refused) {
      catchUp();
      if (refused.purpose === "evaluation") {
        evaluationCalls.excluded += 1;
        return;
      }
      const series = seriesOf(refused);
      const { atMs } = refused;
      count(series, refused, successSli(refused.kind), "excluded", atMs);
      count(series, refused, "policy_compliance", classifyRefusal(refused.code), atMs);
    },

    recordTask(ended) {
      if (listeners.length === 0) {
        callsBefore.push(waitingCalls.length);
        if (waitingTasks.push(withoutError(ended)) === COUNTED_TOGETHER) catchUp();
      } else countTask(ended);
    },

    recordEvaluation(judged) {
      catchUp();
      const sli = evaluationSli(judged.result.evaluator);
      const outcome = classifyEvaluation(judged.result);
      seriesOf(judged).countEvaluation(sli, outcome);
      if (listeners.length !== 0) emit(judged, sli, outcome, undefined, judged.atMs);
    },

    subscribe(listener) {
      checkFunction("sli.subscribe.listener", listener);
      catchUp(); // of those it is not told
      // A copy each time: an emission that is under way keeps the list that it started with.
      const own: SliListener = (event) => listener(event);
      listeners = [...listeners, own];
      return () => {
        listeners = listeners.filter((other) => other !== own);
      };
    },

    snapshot() {
      catchUp();
      const all = registry.all();
      const totals = mergeSeries(all);
      return {
        series: all.map(seriesMetrics),
        totals: indicatorMetrics(totals),
        evaluationCalls: toSliCounts(evaluationCalls),
        folded: registry.folded,
        foldedEvaluations,
        invalidValues: invalidValues(totals),
        listenerErrors,
      };
    },

    histograms() {
      catchUp();
      return registry.all().flatMap(histogramsOf);
    },
  };
}

/** Nobody is told of the error, whose stack would keep alive what was called. */
function withoutError(ended: EndedTask): EndedTask {
  return ended.endedBy === undefined ? ended : { ...ended, endedBy: undefined };
}

function successSli(kind: "model" | "tool"): CountedSli {
  return kind === "model" ? "call_success" : "tool_call_success";
}

/** Who pulled the kill, or forced the circuit open; `authorize` names whom it refused a change. */
function actorOf({ code, details = {} }: GuardError): string | undefined {
  const { by } = details;
  return typeof by === "string" && code !== "BR3001" ? by : undefined;
}

/** The names as they are, even when the series is `other`: objectives match on them. */
function namesOf(subject: Subject): SeriesNames {
  const { agent } = subject.context;
  const name = subject.kind === "model" ? (subject.model ?? subject.name) : subject.name;
  const bounded = name === undefined ? undefined : boundedName(name);
  return {
    agent: agent === undefined ? undefined : boundedName(agent),
    model: subject.kind === "model" ? bounded : undefined,
    tool: subject.kind === "tool" ? bounded : undefined,
  };
}

function histogramsOf(series: SliSeries): SeriesHistogram[] {
  const { agent, model, tool } = series;
  return DISTRIBUTION_SLIS.flatMap((sli) => {
    const histogram = series.distribution(sli);
    if (histogram === undefined) return [];
    const unit = sli === "cost_per_task" ? "nanoUsd" : "ms";
    return [{ sli, agent, model, tool, unit, buckets: histogram.buckets() }];
  });
}
