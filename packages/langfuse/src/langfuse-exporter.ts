import {
  type CallRecord,
  type Clock,
  type Exporter,
  type Guard,
  systemClock,
} from "@burnrate/core";
import {
  checkArray,
  checkMethods,
  checkObject,
  checkOneOf,
  checkWholeNumber,
  optionError,
  refuseUnknownKeys,
} from "@burnrate/core/adapter";
import { context } from "@opentelemetry/api";
import { type ScoreCounts, ScoreQueue } from "./scores/score-queue.ts";
import {
  clientSender,
  fetchSender,
  type LangfuseCredentials,
  type LangfuseScoresClient,
  type ScoreSender,
} from "./scores/score-sender.ts";
import type { SloSource } from "./slo-source.ts";
import { type Generations, TraceWriter } from "./trace-writer.ts";

/** Options of {@link langfuseExporter}: a client, or keys. */
export interface LangfuseExporterOptions extends Partial<LangfuseCredentials> {
  /** The application's `LangfuseClient`, for scores. */
  readonly client?: LangfuseScoresClient;
  /**
   * Which calls become observations: those that no instrumentation has as a span already (`auto`,
   * the default), all, or none but refused ones. `never` beside Langfuse's LangChain handler, whose
   * generations cannot be seen from inside a call.
   */
  readonly generations?: Generations;
  /** Objectives whose state becomes a score of each task's trace. */
  readonly slo?: SloSource;
  /** Scores that may wait while Langfuse is away (default 2,000). */
  readonly maxWaiting?: number;
  /** Longest that a request may take (default 5,000). */
  readonly timeoutMs?: number;
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
}

/** What became of what was handed over. */
export interface LangfuseCounts extends ScoreCounts {
  /** Calls and verdicts that a full queue let go. */
  readonly droppedSteps: number;
  /** Calls that could not be written. */
  readonly failedSteps: number;
  /** Verdicts of calls without a trace. */
  readonly unplaced: number;
}

/** What {@link langfuseExporter} returns. */
export interface LangfuseExporter extends Exporter {
  /** Counts since it was made; nothing is ever thrown at a call. */
  counts(): LangfuseCounts;
  attach(guard: Guard): void;
  detach(guard: Guard): void;
  captureContext(): unknown;
  exportCall(record: CallRecord, captured?: unknown): void;
  correctCall(record: CallRecord, before: CallRecord, captured?: unknown): void;
  flush(): Promise<void>;
  close(): void;
}

/** As many as an engine takes. */
const ENGINE_OBJECTIVES = 100_000;
/** A timer that is longer ends at once. */
const MAX = 2 ** 31 - 1;

const OPTION_KEYS: readonly (keyof LangfuseExporterOptions)[] = [
  "client",
  "baseUrl",
  "publicKey",
  "secretKey",
  "generations",
  "slo",
  "maxWaiting",
  "timeoutMs",
  "clock",
];

/**
 * Calls as generations with usage and cost, refused calls as errors, evaluators' verdicts and
 * objectives' states as scores, each on the trace that was active where the call began. Observations
 * go through `@langfuse/tracing`, so that the application's `LangfuseSpanProcessor` sends them;
 * scores are sent from here. No call waits for either.
 *
 * @example
 * const guard = createGuard({ exporters: [langfuseExporter({ client: new LangfuseClient() })] });
 * @throws {ConfigError} `BR9001` when an option is wrong.
 */
export function langfuseExporter(given: LangfuseExporterOptions): LangfuseExporter {
  const options = checkOptions(given);
  const { clock = systemClock, generations = "auto", slo } = options;
  const { maxWaiting = 2_000, timeoutMs = 5_000 } = options;
  const scores = new ScoreQueue(senderOf(options, clock), clock, maxWaiting, timeoutMs);
  const writer = new TraceWriter({ scores, generations, slo });
  const stops = new Map<Guard, () => void>();
  let open = 0;
  return {
    name: "langfuse",
    attach(guard) {
      open++;
      scores.open();
      const stopVerdicts = guard.on("evaluation-completed", (event) => writer.verdict(event));
      const stopTasks = guard.on("task-ended", (event) => writer.taskEnded(event));
      stops.set(guard, () => {
        stopVerdicts();
        stopTasks();
      });
    },
    detach(guard) {
      stops.get(guard)?.();
      stops.delete(guard);
    },
    captureContext: () => context.active(),
    exportCall: (record, captured) => writer.call(record, captured),
    correctCall: (record, _before, captured) => writer.call(record, captured),
    counts: () => ({
      ...scores.counts,
      droppedSteps: writer.dropped,
      failedSteps: writer.failed,
      unplaced: writer.unplaced,
    }),
    flush() {
      writer.drain();
      return scores.flush();
    },
    /** Each guard that shares it closes it once; the last one ends it, until another is made. */
    close() {
      open = Math.max(0, open - 1);
      if (open > 0) return;
      for (const stop of stops.values()) stop();
      stops.clear();
      scores.close();
    },
  };
}

function senderOf(
  { client, baseUrl, publicKey, secretKey }: LangfuseExporterOptions,
  clock: Clock,
): ScoreSender {
  const hasKeys = publicKey !== undefined || secretKey !== undefined;
  if ((client === undefined) !== hasKeys) {
    throw optionError(
      "langfuseExporter",
      client === undefined ? "neither" : "both",
      "given a client, or publicKey and secretKey, and not both",
    );
  }
  if (client !== undefined) return clientSender(client, clock);
  const credentials = {
    publicKey: publicKey as string,
    secretKey: secretKey as string,
    ...(baseUrl !== undefined && { baseUrl }),
  };
  return fetchSender(credentials, clock);
}

function checkOptions(given: LangfuseExporterOptions): LangfuseExporterOptions {
  const options = checkObject("langfuseExporter", given) as LangfuseExporterOptions;
  refuseUnknownKeys("langfuseExporter", options, OPTION_KEYS);
  const { generations, slo, clock } = options;
  if (generations !== undefined) {
    checkOneOf("langfuseExporter.generations", generations, ["auto", "always", "never"]);
  }
  if (slo !== undefined) {
    checkMethods("langfuseExporter.slo", slo, ["status"]);
    checkArray("langfuseExporter.slo.objectives", slo.objectives, ENGINE_OBJECTIVES);
  }
  if (clock !== undefined) checkMethods("langfuseExporter.clock", clock, ["setTimer", "wallMs"]);
  for (const key of ["maxWaiting", "timeoutMs"] as const) {
    const path = `langfuseExporter.${key}`;
    if (options[key] !== undefined) checkWholeNumber(path, options[key], { min: 1, max: MAX });
  }
  return options;
}
