export {
  type LangfuseCounts,
  type LangfuseExporter,
  type LangfuseExporterOptions,
  langfuseExporter,
} from "./langfuse-exporter.ts";
export type { Score } from "./scores/score.ts";
export type { ScoreCounts } from "./scores/score-queue.ts";
export type { LangfuseCredentials, LangfuseScoresClient } from "./scores/score-sender.ts";
export type { SloSource } from "./slo-source.ts";
export type { Generations } from "./trace-writer.ts";
