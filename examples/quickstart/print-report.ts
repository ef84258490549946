import type { Metrics } from "burnrate";
import { type AgentReport, dollars, printTable } from "./report.ts";

/** Prints both tables: the money of each agent, and what its calls were like. */
export function printReport(
  reports: readonly (AgentReport & { readonly right: boolean })[],
  metrics: Metrics,
): void {
  console.log(
    "Our ledger beside the provider's (calls of models and tools; money of models alone):",
  );
  printTable(
    [
      "agent",
      "framework",
      "calls",
      "our ledger",
      "provider billed",
      "estimated",
      "refused",
      "books",
    ],
    reports.map((report) => [
      report.name,
      report.framework,
      String(report.calls),
      dollars(report.ledgerNanoUsd),
      dollars(report.providerNanoUsd),
      String(report.estimatedCalls),
      Object.entries(report.refused)
        .map(([code, n]) => `${code} x${n}`)
        .join(", ") || "none",
      bookNote(report),
    ]),
  );
  console.log("\nService-level indicators and verdicts:");
  printTable(
    ["agent", "of", "indicator", "good", "bad", "excluded"],
    metrics.series.flatMap((series) =>
      Object.entries(series.slis)
        .filter(([, counts]) => counts.good + counts.bad + counts.excluded > 0)
        .map(([sli, counts]) => [
          series.agent ?? "",
          series.model ?? series.tool ?? "task",
          sli,
          String(counts.good),
          String(counts.bad),
          String(counts.excluded),
        ]),
    ),
  );
  const { latency, timeToFirstToken, costPerTask } = metrics.totals;
  console.log(
    `\nOver all agents: latency p50 ${ms(latency?.p50Ms)}, p99 ${ms(latency?.p99Ms)}; time to first token p50 ${ms(timeToFirstToken?.p50Ms)}; cost of a task p50 ${dollars(costPerTask?.p50NanoUsd)}.`,
  );
}

function ms(value: number | undefined): string {
  return value === undefined ? "not measured" : `${value.toFixed(1)} ms`;
}

function bookNote(report: AgentReport & { readonly right: boolean }): string {
  if (report.providerNanoUsd === null) return "provider keeps no books here";
  if (!report.right) return "WRONG";
  return report.estimatedCalls === 0 ? "equal" : "never below: a cut call is charged in full";
}
