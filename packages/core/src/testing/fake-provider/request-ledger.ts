import { type BilledUsage, billNanoUsd, type ModelRates } from "./billing.ts";
import { createTotals, type LedgerFilter, type LedgerTotals, sumRows } from "./ledger-totals.ts";
import type { ProviderRequest, RequestOutcome } from "./provider-request.ts";
import type { ReceivedRequest } from "./received-request.ts";

/** The open bill of an accepted request. */
export interface Bill {
  readonly row: ProviderRequest;
  generated(tokens: number): void;
  generatedReasoning(tokens: number): void;
  answered(status: number): void;
  usageReported(): void;
  /** The first call counts. */
  finish(outcome: RequestOutcome): void;
}

/** The provider's books. */
export interface RequestLedger {
  rows(): readonly ProviderRequest[];
  totals(filter?: LedgerFilter): LedgerTotals;
  totalsByAgent(): Readonly<Record<string, LedgerTotals>>;
  accept(request: ReceivedRequest, rates: ModelRates, usage: BilledUsage): Bill;
  refuse(request: ReceivedRequest, status: number): void;
  reset(): void;
}

type MutableRow = { -readonly [Key in keyof ProviderRequest]: ProviderRequest[Key] };

const LARGEST_KEPT_BODY_BYTES = 64 * 1024;
const NO_USAGE: BilledUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  reasoningTokens: 0,
};

/**
 * Makes empty books that keep the newest `keep` rows; totals stay exact when older rows go. `onRow`
 * is told of each new row.
 */
export function createRequestLedger(keep: number, onRow: () => void = () => {}): RequestLedger {
  const rows = new Set<MutableRow>();
  let dropped = createTotals();

  const add = (row: MutableRow): void => {
    rows.add(row);
    dropOldest();
    onRow();
  };

  const dropOldest = (): void => {
    for (const oldest of rows) {
      if (rows.size <= keep) return;
      if (oldest.outcome === "in-flight") continue; // still growing: its sum is not final
      dropped.add(oldest);
      rows.delete(oldest);
    }
  };

  return {
    rows: () => [...rows],
    totals: (filter = {}) => dropped.totals(filter, sumRows(rows, filter)),
    totalsByAgent: () => dropped.byAgent(rows),
    accept(request, rates, usage) {
      const row = openRow(request, usage, billNanoUsd(rates, usage));
      add(row);
      return openBill(row, rates);
    },
    refuse(request, status) {
      const outcome = status >= 500 ? "failed" : "rejected";
      add({ ...openRow(request, NO_USAGE, 0), status, outcome });
    },
    reset() {
      rows.clear();
      dropped = createTotals();
    },
  };
}

function openRow(request: ReceivedRequest, usage: BilledUsage, billed: number): MutableRow {
  const { number: _, body, bodyBytes, ...facts } = request;
  return {
    ...facts,
    usage,
    billedNanoUsd: billed,
    status: 0,
    outcome: "in-flight",
    usageReported: false,
    receivedBody: bodyBytes <= LARGEST_KEPT_BODY_BYTES ? body : undefined,
  };
}

function openBill(row: MutableRow, rates: ModelRates): Bill {
  const add = (outputTokens: number, reasoningTokens: number): void => {
    row.usage = {
      ...row.usage,
      outputTokens: row.usage.outputTokens + outputTokens,
      reasoningTokens: row.usage.reasoningTokens + reasoningTokens,
    };
    row.billedNanoUsd = billNanoUsd(rates, row.usage);
  };
  return {
    row,
    generated: (tokens) => add(tokens, 0),
    generatedReasoning: (tokens) => add(tokens, tokens),
    answered(status) {
      row.status = status;
    },
    usageReported() {
      row.usageReported = true;
    },
    finish(outcome) {
      if (row.outcome === "in-flight") row.outcome = outcome;
    },
  };
}
