import type { CallRecord } from "burnrate";
import type { DemoAgent } from "./agents.ts";

/** One line of the closing table. */
export interface AgentReport {
  readonly name: string;
  readonly framework: string;
  readonly calls: number;
  readonly ledgerNanoUsd: number;
  readonly providerNanoUsd: number | undefined;
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
  providerNanoUsd: number | undefined,
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

/** Whether our books are right: equal where usage was reported, never below where it was not. */
export function isRight(report: AgentReport): boolean {
  if (report.providerNanoUsd === undefined) return true;
  if (report.estimatedCalls > 0) return report.ledgerNanoUsd >= report.providerNanoUsd;
  return report.ledgerNanoUsd === report.providerNanoUsd;
}

/** Nano-dollars as dollars, without rounding. */
export function dollars(nanoUsd: number | undefined): string {
  return nanoUsd === undefined ? "not known" : `$${(nanoUsd / 1e9).toFixed(9)}`;
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
