import type { CallRecord } from "burnrate";
import type { DemoAgent } from "./agents.ts";

/** One line of the closing table. */
export interface AgentReport {
  readonly name: string;
  readonly framework: string;
  readonly calls: number;
  readonly ledgerNanoUsd: number;
  /** Null when the provider keeps no books that we can read. */
  readonly providerNanoUsd: number | null;
  readonly estimatedCalls: number;
  readonly refused: Readonly<Record<string, number>>;
}

/** What was seen of one agent while it ran. */
export interface AgentEvents {
  readonly records: CallRecord[];
  readonly refused: string[];
}

/** Sums up one agent: the provider bills for models, so tools with a price are left out here. */
export function reportAgent(
  agent: DemoAgent,
  events: AgentEvents,
  providerNanoUsd: number | null,
): AgentReport {
  const models = events.records.filter((record) => record.kind === "model");
  const refused: Record<string, number> = {};
  for (const code of events.refused) refused[code] = (refused[code] ?? 0) + 1;
  return {
    name: agent.name,
    framework: agent.framework,
    calls: events.records.length,
    ledgerNanoUsd: models.reduce((sum, record) => sum + (record.costNanoUsd ?? 0), 0),
    providerNanoUsd,
    estimatedCalls: models.filter((record) => record.usageSource === "estimated").length,
    refused,
  };
}

/**
 * Whether our books are right: equal where usage was reported, never below where it was not. What
 * the provider bills for cut calls lies between nothing and what we charged for them.
 */
export function isRight(report: AgentReport, events: AgentEvents): boolean {
  if (report.providerNanoUsd === null) return true;
  const reported = events.records
    .filter((record) => record.kind === "model" && record.usageSource === "provider")
    .reduce((sum, record) => sum + (record.costNanoUsd ?? 0), 0);
  return reported <= report.providerNanoUsd && report.providerNanoUsd <= report.ledgerNanoUsd;
}

/** Nano-dollars as dollars, without rounding. */
export function dollars(nanoUsd: number | null | undefined): string {
  return nanoUsd === undefined || nanoUsd === null ? "not known" : `$${(nanoUsd / 1e9).toFixed(9)}`;
}

/** Prints rows under a heading, columns aligned. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of all) {
    console.log(
      `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
    );
  }
}
