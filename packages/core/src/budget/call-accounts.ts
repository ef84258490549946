import type { CallTarget } from "../call/call-target.ts";
import type { ContextFrame } from "../context/context-frame.ts";
import type { Warnings } from "../events/warnings.ts";
import type { AccountRef } from "../ledger/ledger.ts";
import { accountKey, SINGLE_KEY } from "./account-key.ts";
import type { BudgetDimension } from "./budget.ts";
import type { BudgetAccount } from "./budget-account.ts";
import { coversContext, coversPurpose, dependsOnCaller } from "./budget-match.ts";
import type { BudgetState } from "./budget-state.ts";
import { Coverage, isSplit } from "./coverage.ts";
import { noneRemedy } from "./none-remedy.ts";

/** Where calls go that lack the dimension by which a budget is split. */
const NONE = "(none)";
const SINGLE: readonly string[] = [SINGLE_KEY];
/** Nested tasks and agents beyond this share the deepest account. */
const MAX_DEPTH = 16;

/** Finds the accounts of a call. */
export class AccountResolver {
  readonly budgets: readonly BudgetState[];
  /**
   * Whether any budget changes how a call is made: throttles it, or puts another model in place.
   */
  readonly steers: boolean;
  readonly #warnings: Warnings;
  /** Whether who calls, and why, makes a difference to any budget. */
  readonly #dependOnCaller: boolean;

  constructor(budgets: readonly BudgetState[], warnings: Warnings) {
    this.budgets = budgets;
    this.steers = budgets.some(({ steering }) => steering !== undefined);
    this.#warnings = warnings;
    this.#dependOnCaller = budgets.some((s) => dependsOnCaller(s.budget.match));
  }

  /** The budgets that cover a call. */
  covering({ coverage }: CallTarget, frame: ContextFrame): Coverage {
    if (!this.#dependOnCaller) return coverage;
    const hasOwnBudget = isEvaluationWithBudget(coverage, frame);
    return new Coverage(coverage.budgets.filter((state) => covers(state, frame, hasOwnBudget)));
  }

  /** The accounts of a call; budgets of one call have none. */
  accounts(target: CallTarget, frame: ContextFrame, nowMs: number): readonly BudgetAccount[] {
    const { coverage } = target;
    const isShared = coverage.isShared && !this.#dependOnCaller;
    const known = isShared ? coverage.sharedAt(nowMs) : undefined;
    if (known !== undefined) return known;
    const accounts = this.#find(target, frame, nowMs);
    if (isShared) coverage.share(accounts);
    return accounts;
  }

  #find(target: CallTarget, frame: ContextFrame, nowMs: number): readonly BudgetAccount[] {
    const accounts: BudgetAccount[] = [];
    const org = frame.context.org ?? NONE;
    const hasOwnBudget = this.#dependOnCaller && isEvaluationWithBudget(target.coverage, frame);
    for (const state of target.coverage.budgets) {
      if (state.budget.window.kind === "call") continue;
      if (this.#dependOnCaller && !covers(state, frame, hasOwnBudget)) continue;
      const keys = isSplit(state) ? this.#keys(state, target, frame) : SINGLE;
      for (const key of keys) accounts.push(state.account(key, org, nowMs));
    }
    return accounts;
  }

  /** The account that a ledger's reference means, while its window lasts. */
  accountOf(ref: AccountRef, nowMs: number): BudgetAccount | undefined {
    for (const state of this.budgets) {
      const { ledgerPrefix } = state;
      if (!ref.key.startsWith(ledgerPrefix)) continue;
      const account = state.account(ref.key.slice(ledgerPrefix.length), ref.org, nowMs);
      if (account.ref.windowKey === ref.windowKey && account.ref.key === ref.key) return account;
    }
    return undefined;
  }

  /** Task, session and agent accounts: a parent's account covers what its children do. */
  #keys(state: BudgetState, target: CallTarget, frame: ContextFrame): readonly string[] {
    const { per, window } = state.budget;
    const split = per === undefined ? [""] : this.#values(state, per, target, frame);
    if (window.kind !== "task" && window.kind !== "session") {
      return split.map((value) => `${per}=${value}`);
    }
    const spans = this.#values(state, window.kind, target, frame);
    return spans.flatMap((span) =>
      split.map((value) =>
        per === undefined ? `${window.kind}=${span}` : accountKey(per, value, window.kind, span),
      ),
    );
  }

  #values(
    state: BudgetState,
    dimension: BudgetDimension,
    target: CallTarget,
    frame: ContextFrame,
  ): readonly string[] {
    const values = valuesOf(dimension, target, frame);
    if (values.length > 0) return values;
    this.#warnings.once(
      `budget-without-${dimension}:${state.id}`,
      `Budget "${state.id}" is split by ${dimension}, but a call has none: such calls share the account "${NONE}". ${noneRemedy(dimension, state.budget.unit)}`,
    );
    return [NONE];
  }
}

function covers(state: BudgetState, frame: ContextFrame, hasOwnBudget: boolean): boolean {
  const { match } = state.budget;
  return coversPurpose(match, frame.purpose, hasOwnBudget) && coversContext(match, frame);
}

/** Whether it is an evaluator's call that some budget for `evaluation` covers. */
function isEvaluationWithBudget({ budgets }: Coverage, frame: ContextFrame): boolean {
  if (frame.purpose !== "evaluation") return false;
  return budgets.some(
    ({ budget: { match } }) => match.purpose === "evaluation" && coversContext(match, frame),
  );
}

function valuesOf(
  dimension: BudgetDimension,
  target: CallTarget,
  frame: ContextFrame,
): readonly string[] {
  if (dimension === "task") return frame.tasks.slice(0, MAX_DEPTH);
  if (dimension === "agent") return agentPaths(frame.context.agent);
  const value = singleValue(dimension, target, frame);
  return value === undefined ? [] : [value];
}

function singleValue(
  dimension: Exclude<BudgetDimension, "task" | "agent">,
  target: CallTarget,
  frame: ContextFrame,
): string | undefined {
  if (dimension === "tool") return target.kind === "tool" ? target.name : undefined;
  if (dimension === "model") {
    return target.kind === "model" ? (target.card?.model ?? target.name) : undefined;
  }
  if (dimension === "provider") return target.canonicalProvider;
  return frame.context[dimension];
}

/** `a/b/c` spends from `a`, `a/b` and `a/b/c`. */
function agentPaths(agent: string | undefined): readonly string[] {
  if (agent === undefined) return [];
  const parts = agent.split("/").slice(0, MAX_DEPTH);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
