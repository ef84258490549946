import type { BudgetStatus } from "@burnrate/core";
import { METRIC, OWN } from "../semantic-conventions.ts";
import { type MetricFamily, type NumberPoint, numbers } from "./metric-family.ts";

const NANO = 1e-9;
const STATES: readonly BudgetStatus["state"][] = ["ok", "throttled", "exhausted", "over", "killed"];

/** All accounts of one budget together: an account may be a user's, and users are no labels. */
interface Budget {
  readonly labels: Record<string, string>;
  /** Of one account. */
  limit: number;
  spent: number;
  held: number;
  leastLeft: number;
  readonly accounts: Record<BudgetStatus["state"], number>;
}

/** What is spent, held and left of each budget, money in dollars. */
export function budgetFamilies(accounts: readonly BudgetStatus[]): MetricFamily[] {
  const budgets = new Map<string, Budget>();
  for (const account of accounts) add(budgets, account);
  const each = (read: (budget: Budget) => number): NumberPoint[] =>
    [...budgets.values()].map((budget) => ({ labels: budget.labels, value: read(budget) }));
  return [
    numbers(
      METRIC.budgetLimit,
      each(({ limit }) => limit),
    ),
    numbers(
      METRIC.budgetSpent,
      each(({ spent }) => spent),
    ),
    numbers(
      METRIC.budgetHeld,
      each(({ held }) => held),
    ),
    numbers(
      METRIC.budgetLeft,
      each(({ leastLeft }) => leastLeft),
    ),
    numbers(METRIC.budgetAccounts, [...budgets.values()].flatMap(statesOf)),
  ];
}

function add(budgets: Map<string, Budget>, account: BudgetStatus): void {
  const { id, unit, limit, settled, held, leased, unknown, state } = account;
  const key = `${unit} ${id}`; // guards that share an exporter may give one id to different things
  let budget = budgets.get(key);
  if (budget === undefined) {
    const none = { ok: 0, throttled: 0, exhausted: 0, over: 0, killed: 0 };
    const labels = { [OWN.budget]: id, [OWN.unit]: unit };
    budget = { labels, limit: 0, spent: 0, held: 0, leastLeft: 1, accounts: none };
    budgets.set(key, budget);
  }
  const scale = unit === "usd" ? NANO : 1;
  const left = limit === 0 ? 0 : 1 - (settled + held + leased + unknown) / limit;
  budget.limit = Math.max(budget.limit, limit * scale);
  budget.spent += (settled + unknown) * scale;
  budget.held += (held + leased) * scale;
  budget.leastLeft = Math.min(budget.leastLeft, left);
  budget.accounts[state]++;
}

function statesOf({ labels, accounts }: Budget): NumberPoint[] {
  return STATES.map((state) => ({
    labels: { ...labels, [OWN.state]: state },
    value: accounts[state],
  }));
}
