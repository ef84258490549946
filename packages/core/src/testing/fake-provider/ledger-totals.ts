import type { ProviderRequest, RequestOutcome } from "./provider-request.ts";

/** Which requests to sum; all fields together. */
export interface LedgerFilter {
  /** The exact label; `"(none)"` for requests without one. */
  readonly agent?: string;
  readonly model?: string;
  readonly outcome?: RequestOutcome;
}

/** Sums over requests, in flight ones included. */
export interface LedgerTotals {
  readonly requests: number;
  /** Requests whose client left before the answer was complete. */
  readonly closedEarly: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly reasoningTokens: number;
  readonly billedNanoUsd: number;
}

/** Sums of the rows that are no longer kept. */
export interface DroppedTotals {
  add(row: ProviderRequest): void;
  totals(filter: LedgerFilter, kept: LedgerTotals): LedgerTotals;
  byAgent(kept: Iterable<ProviderRequest>): Readonly<Record<string, LedgerTotals>>;
}

interface Group {
  readonly agent: string;
  readonly model: string;
  readonly outcome: RequestOutcome;
  totals: LedgerTotals;
}

const NO_AGENT = "(none)";
const OTHER = "(other)";
const MOST_GROUPS = 10_000;
const ZERO: LedgerTotals = {
  requests: 0,
  closedEarly: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  reasoningTokens: 0,
  billedNanoUsd: 0,
};

/** Makes empty sums. Beyond 10,000 combinations of names, new ones are summed as `(other)`. */
export function createTotals(): DroppedTotals {
  const groups = new Map<string, Group>();
  return {
    add(row) {
      const full = groups.size >= MOST_GROUPS;
      let names = namesOf(row);
      if (full && !groups.has(JSON.stringify(names))) {
        names = { agent: OTHER, model: OTHER, outcome: row.outcome };
      }
      const key = JSON.stringify(names);
      const totals = plus(groups.get(key)?.totals ?? ZERO, totalsOf(row));
      groups.set(key, { ...names, totals });
    },
    totals(filter, kept) {
      let sum = kept;
      for (const group of groups.values()) {
        if (matches(group, filter)) sum = plus(sum, group.totals);
      }
      return sum;
    },
    byAgent(kept) {
      const agents = new Map<string, LedgerTotals>();
      const add = (agent: string, totals: LedgerTotals): void => {
        agents.set(agent, plus(agents.get(agent) ?? ZERO, totals));
      };
      for (const group of groups.values()) add(group.agent, group.totals);
      for (const row of kept) add(namesOf(row).agent, totalsOf(row));
      return Object.fromEntries(agents);
    },
  };
}

/** Sums the rows that match. */
export function sumRows(rows: Iterable<ProviderRequest>, filter: LedgerFilter): LedgerTotals {
  let sum = ZERO;
  for (const row of rows) {
    if (matches(namesOf(row), filter)) sum = plus(sum, totalsOf(row));
  }
  return sum;
}

function namesOf({ agent = NO_AGENT, model, outcome }: ProviderRequest): Omit<Group, "totals"> {
  return { agent, model, outcome };
}

function totalsOf({ usage, billedNanoUsd, outcome }: ProviderRequest): LedgerTotals {
  const closedEarly = outcome === "client-closed" ? 1 : 0;
  return { requests: 1, closedEarly, ...usage, billedNanoUsd };
}

function matches(names: Omit<Group, "totals">, { agent, model, outcome }: LedgerFilter): boolean {
  return (
    (agent === undefined || agent === names.agent) &&
    (model === undefined || model === names.model) &&
    (outcome === undefined || outcome === names.outcome)
  );
}

function plus(left: LedgerTotals, right: LedgerTotals): LedgerTotals {
  return {
    requests: left.requests + right.requests,
    closedEarly: left.closedEarly + right.closedEarly,
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cacheReadTokens: left.cacheReadTokens + right.cacheReadTokens,
    reasoningTokens: left.reasoningTokens + right.reasoningTokens,
    billedNanoUsd: left.billedNanoUsd + right.billedNanoUsd,
  };
}
