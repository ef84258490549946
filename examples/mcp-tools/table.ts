import { findGuardError, type Guard } from "burnrate";

/** What one call came to. */
export interface Row {
  readonly call: string;
  /** What the application got. */
  readonly got: string;
  readonly records: number;
  readonly usd: number;
}

const NANO = 1_000_000_000;

/** Makes one call, and says what the application got and what the guard wrote down. */
export async function rowOf(call: string, guard: Guard, run: () => Promise<unknown>): Promise<Row> {
  let records = 0;
  let nanoUsd = 0;
  const forget = guard.on("call-settled", ({ costNanoUsd }) => {
    records += 1;
    nanoUsd += costNanoUsd ?? 0;
  });
  const got = await run().then(describe, describeError);
  forget();
  return { call, got, records, usd: nanoUsd / NANO };
}

/** Prints the rows side by side. */
export function printTable(rows: readonly Row[]): void {
  const cells = [
    ["call", "the application got", "records", "charged"],
    ...rows.map(({ call, got, records, usd }) => [call, got, `${records}`, `$${usd.toFixed(2)}`]),
  ];
  const widths = cells[0]?.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of cells) {
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

function describe(answer: unknown): string {
  const { content, isError } = answer as { content: { text: string }[]; isError?: boolean };
  const text = content[0]?.text ?? "";
  return isError === true ? `a result: ${text.slice(0, "BR0000".length)}` : text;
}

function describeError(error: unknown): string {
  const refusal = findGuardError(error);
  return refusal === undefined ? String(error) : `${refusal.name} ${refusal.code}`;
}
