import type { Consumer } from "./consumer.ts";
import type { Finding } from "./finding.ts";

/** Prints a row for each consumer, then what is wrong and the counts; returns how many failed. */
export function printTable(consumers: readonly Consumer[], findings: readonly Finding[]): number {
  const rows = consumers.map(({ name }) => {
    const row = findings.filter(({ consumer }) => consumer === name);
    return [name, Object.fromEntries(row.map((each) => [each.tried, verdict(each)]))];
  });
  console.table(Object.fromEntries(rows));
  for (const { consumer, tried, note } of findings) {
    if (note !== undefined) console.log(`${consumer}, ${tried}: ${note}`);
  }
  const failed = findings.filter(({ problem }) => problem !== undefined);
  for (const { consumer, tried, problem } of failed) {
    console.error(`\n${consumer}, ${tried}:\n${problem}`);
  }
  console.log(`${findings.length - failed.length} passed, ${failed.length} failed`);
  return failed.length;
}

function verdict({ problem, note }: Finding): string {
  if (problem !== undefined) return "FAILED";
  return note === undefined ? "ok" : "ok*";
}
